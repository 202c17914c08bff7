import type { ExampleDomain } from './domains.ts';
import type { Failure } from './incidents.ts';
import type { Random } from './random.ts';
import type { Reporter } from './reporters.ts';
import type { WireFailureDetail } from './wire.ts';

/** How much of a failure a reporter tells, and in which manner (RFC 8460 §4.4, failure-details). */
export function failureDetails(
  reporter: Reporter,
  domain: ExampleDomain,
  failure: Failure,
  random: Random,
): readonly WireFailureDetail[] {
  const { resultType, sessions, mx } = failure;
  const receiving = mx === null ? undefined : domain.mx[mx];
  switch (reporter.details) {
    case 'counts-only':
      return [{ 'result-type': resultType, 'failed-session-count': sessions }];
    case 'empty-strings':
      return [
        {
          'result-type': resultType,
          'sending-mta-ip': reporter.sendingAddresses[0] ?? '',
          'receiving-mx-hostname': receiving?.host ?? '',
          'receiving-mx-helo': '',
          'receiving-ip': '',
          'failed-session-count': sessions,
          'additional-information': '',
          'failure-reason-code': reasonTold(reporter, failure) ?? '',
        },
      ];
    case 'full':
    case 'with-reasons':
      return receiving === undefined
        ? withoutSession(reporter, failure)
        : bySendingAddress(reporter, receiving, failure, random);
  }
}

/** One detail for each address that the sessions came from. */
function bySendingAddress(
  reporter: Reporter,
  receiving: { readonly host: string; readonly address: string },
  failure: Failure,
  random: Random,
): readonly WireFailureDetail[] {
  const reason = reasonTold(reporter, failure);
  const counts = shares(failure.sessions, reporter.sendingAddresses.length, random);
  return reporter.sendingAddresses.flatMap((address, index) => {
    const count = counts[index] ?? 0;
    if (count === 0) return [];
    return [
      {
        'result-type': failure.resultType,
        'sending-mta-ip': address,
        'receiving-ip': receiving.address,
        'receiving-mx-hostname': receiving.host,
        'failed-session-count': count,
        ...(reason === null ? {} : { 'failure-reason-code': reason }),
      },
    ];
  });
}

function withoutSession(reporter: Reporter, failure: Failure): readonly WireFailureDetail[] {
  const detail = { 'result-type': failure.resultType, 'failed-session-count': failure.sessions };
  const reason = reasonTold(reporter, failure);
  if (reason === null) return [detail];
  // Mail.ru's manner: one failed session under two reasons, so that the details exceed the total (RFC 8460 §4).
  return [
    { ...detail, 'failure-reason-code': reason },
    { ...detail, 'failed-session-count': 1, 'failure-reason-code': 'bad https response code: 500' },
  ];
}

/** RFC 8460 §4.4: a reason should stand with validation-failure; with other types most senders give none. */
function reasonTold(reporter: Reporter, { resultType, reason }: Failure): string | null {
  return reporter.details === 'with-reasons' || resultType === 'validation-failure' ? reason : null;
}

/** `count` in `parts` uneven whole parts. */
function shares(count: number, parts: number, random: Random): readonly number[] {
  const result: number[] = [];
  let left = count;
  for (let index = 1; index < parts; index += 1) {
    const share = Math.min(left, Math.round((left / (parts - index + 1)) * (0.6 + 0.8 * random())));
    result.push(share);
    left -= share;
  }
  return [...result, left];
}
