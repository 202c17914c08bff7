import type { Day } from '#scripts/core/clock.ts';
import { day, EXAMPLE_COM, EXAMPLE_NET, type ExampleDomain } from './domains.ts';
import { seededRandom } from './random.ts';
import { BIGMAIL, OFFICE, POCHTA, RELAY_CO, type Reporter } from './reporters.ts';

/** Sessions that failed for one reason, before the reporter's habits decide how much of it is told. */
export interface Failure {
  readonly resultType: string;
  readonly sessions: number;
  /** Index into the domain's MX; null when no MX is involved (a policy that could not be fetched). */
  readonly mx: number | null;
  readonly reason: string | null;
}

/** The part of an incident that one reporter sees on one day, as a share of its sessions or as a number of them. */
interface Sighting {
  readonly domain: ExampleDomain;
  readonly resultType: string;
  readonly mx: number | null;
  readonly reason: string | null;
  readonly days: ReadonlyMap<Day, { readonly share: number } | { readonly sessions: number }>;
  readonly reporters: readonly Reporter[];
}

const SIGHTINGS: readonly Sighting[] = [
  // mx2's certificate expires on 12 October at 06:00; the renewal is noticed and loaded on the 14th.
  // Only senders that go by MTA-STS mind: a DANE-EE record ignores dates (RFC 7672 §3.1.1).
  {
    domain: EXAMPLE_COM,
    resultType: 'certificate-expired',
    mx: 1,
    reason: 'certificate has expired: "mx2.example.com", see https://pochta.example/help/tls#expired',
    days: new Map([
      [day('2026-10-12'), { share: 0.04 }],
      [day('2026-10-13'), { share: 0.11 }],
      [day('2026-10-14'), { share: 0.06 }],
    ]),
    reporters: [BIGMAIL, OFFICE, POCHTA, RELAY_CO],
  },
  // One network of one sender strips STARTTLS on the way to mx1; all others are clean there. Still open.
  {
    domain: EXAMPLE_COM,
    resultType: 'starttls-not-supported',
    mx: 0,
    reason: 'no STARTTLS in EHLO answer',
    days: new Map([
      [day('2026-11-17'), { share: 0.06 }],
      [day('2026-11-18'), { share: 0.08 }],
      [day('2026-11-19'), { share: 0.08 }],
      [day('2026-11-20'), { share: 0.07 }],
    ]),
    reporters: [POCHTA],
  },
  // The new policy host answers 503 from the afternoon of 5 November to the morning of the 6th.
  {
    domain: EXAMPLE_NET,
    resultType: 'sts-policy-fetch-error',
    mx: null,
    reason: 'bad https response code: 503',
    days: new Map([
      [day('2026-11-05'), { share: 0.08 }],
      [day('2026-11-06'), { share: 0.13 }],
    ]),
    reporters: [BIGMAIL, OFFICE, POCHTA],
  },
  // Single failures that mean nothing by themselves: below every threshold, yet a day with one is not a clean day.
  {
    domain: EXAMPLE_NET,
    resultType: 'validation-failure',
    mx: 0,
    reason: 'TLS handshake timed out',
    days: new Map([[day('2026-10-07'), { sessions: 1 }]]),
    reporters: [BIGMAIL],
  },
  {
    domain: EXAMPLE_NET,
    resultType: 'validation-failure',
    mx: 0,
    reason: 'connection closed by peer during handshake',
    days: new Map([[day('2026-11-09'), { sessions: 1 }]]),
    reporters: [POCHTA],
  },
  {
    domain: EXAMPLE_NET,
    resultType: 'validation-failure',
    mx: 0,
    reason: 'TLS alert: internal error (80)',
    days: new Map([[day('2026-11-14'), { sessions: 1 }]]),
    reporters: [BIGMAIL],
  },
  // The hostile report (see README.md): this text tries a terminal, the organization-name of the same report a browser.
  {
    domain: EXAMPLE_NET,
    resultType: 'validation-failure',
    mx: 0,
    reason: '\u001b[31mhandshake failed\u001b[0m \u001b]0;owned\u0007| see <b>`log`</b>',
    days: new Map([[day('2026-11-12'), { sessions: 1 }]]),
    reporters: [RELAY_CO],
  },
];

/** What went wrong for one reporter, domain and day with that many sessions; empty on a clean day. */
export function failuresOn(reporter: Reporter, domain: ExampleDomain, on: Day, sessions: number): readonly Failure[] {
  return SIGHTINGS.flatMap((sighting) => {
    const extent = sighting.days.get(on);
    if (extent === undefined || sighting.domain !== domain || !sighting.reporters.includes(reporter)) return [];
    const { resultType, mx, reason } = sighting;
    return [{ resultType, mx, reason, sessions: sessionsOf(extent, sessions, [reporter.domain, domain.domain, on]) }];
  });
}

function sessionsOf(
  extent: { readonly share: number } | { readonly sessions: number },
  total: number,
  seed: readonly string[],
): number {
  if ('sessions' in extent) return extent.sessions;
  const noise = 0.9 + 0.2 * seededRandom('failures', ...seed)();
  return Math.max(1, Math.round(total * extent.share * noise));
}
