import type { Day } from '#scripts/core/clock.ts';
import type { ExampleDomain } from './domains.ts';
import { failureDetails } from './failure-details.ts';
import { type Failure, failuresOn } from './incidents.ts';
import { type Random, seededRandom } from './random.ts';
import type { Reporter } from './reporters.ts';
import type { WirePolicy } from './wire.ts';

/** Sessions that one policy was applied to; `not-fetched` = there is one, but it could not be had. */
interface Applied {
  readonly policy: readonly string[] | 'not-found' | 'not-fetched';
  /** Successful and failed. */
  readonly sessions: number;
  readonly failures: readonly Failure[];
}

/** The `policies` of one reporter's report on one domain's day with that many sessions. */
export function policyEntries(
  reporter: Reporter,
  domain: ExampleDomain,
  on: Day,
  sessions: number,
): readonly WirePolicy[] {
  const random = seededRandom('entries', reporter.domain, domain.domain, on);
  const entries = reporter.validates.includes('sts')
    ? appliedOn(reporter, domain, on, sessions).map((applied) => stsEntry(reporter, domain, applied, random))
    : [];
  if (reporter.validates.includes('tlsa') && domain.tlsa.length > 0) {
    return [...entries, ...tlsaEntries(reporter, domain, sessions, random)];
  }
  if (entries.length > 0) return entries;
  // Postfix with sys4's tlsrpt leaves the policy domain out when there is no policy: the mail's header has it.
  return [{ policy: { 'policy-type': 'no-policy-found' }, ...summary(sessions, 0) }];
}

function appliedOn(reporter: Reporter, domain: ExampleDomain, on: Day, sessions: number): readonly Applied[] {
  const failures = failuresOn(reporter, domain, on, sessions);
  const fetching = failures.filter(({ resultType }) => resultType === 'sts-policy-fetch-error');
  if (fetching.length === 0) return policiesSeen(reporter, domain, on, sessions, failures);
  // Microsoft's manner: one entry, which loses its policy-string.
  if (reporter.details === 'counts-only') return [{ policy: 'not-fetched', sessions, failures }];
  const unfetched = total(fetching);
  const inSession = failures.filter((failure) => !fetching.includes(failure));
  return [
    ...policiesSeen(reporter, domain, on, sessions - unfetched, inSession),
    { policy: 'not-fetched', sessions: unfetched, failures: fetching },
  ];
}

/** The policies a reporter applied on a day: two on the day it learned of a change; failures then belong to the newer. */
function policiesSeen(
  reporter: Reporter,
  { policy, change }: ExampleDomain,
  on: Day,
  sessions: number,
  failures: readonly Failure[],
): readonly Applied[] {
  const before = policy ?? 'not-found';
  const seen = change?.seen.get(reporter);
  if (change === null || seen === undefined || on < seen) return [{ policy: before, sessions, failures }];
  if (on > seen) return [{ policy: change.policy, sessions, failures }];
  const early = Math.round(sessions * 0.55);
  return [
    { policy: before, sessions: early, failures: [] },
    { policy: change.policy, sessions: sessions - early, failures },
  ];
}

function stsEntry(
  reporter: Reporter,
  domain: ExampleDomain,
  { policy, sessions, failures }: Applied,
  random: Random,
): WirePolicy {
  const fetched = policy === 'not-found' || policy === 'not-fetched' ? null : policy;
  const details = failures.flatMap((failure) => failureDetails(reporter, domain, failure, random));
  return {
    policy: {
      'policy-type': policy === 'not-found' ? 'no-policy-found' : 'sts',
      ...(fetched === null ? {} : { 'policy-string': fetched }),
      'policy-domain': domain.domain,
      ...(fetched !== null && reporter.namesMxHost ? { 'mx-host': domain.mx.map(({ host }) => host) } : {}),
    },
    ...summary(sessions - total(failures), total(failures)),
    // Most leave the key out when there is nothing to tell, some write an empty list.
    ...(details.length === 0 && reporter.details !== 'empty-strings' ? {} : { 'failure-details': details }),
  };
}

/** Every TLSA session of this story succeeds: the keys never change, and DANE-EE ignores dates. */
function tlsaEntries(
  reporter: Reporter,
  { domain, tlsa }: ExampleDomain,
  sessions: number,
  random: Random,
): readonly WirePolicy[] {
  const entry = (policyString: readonly string[], count: number): WirePolicy => ({
    policy: { 'policy-type': 'tlsa', 'policy-string': policyString, 'policy-domain': domain },
    ...summary(count, 0),
  });
  // Microsoft's manner: the same sessions once more under tlsa, the records as JSON within the string.
  if (reporter.validates.includes('sts')) return [entry([JSON.stringify(tlsa)], sessions)];
  const first = Math.round(sessions * (0.45 + 0.1 * random()));
  return tlsa.map((record, index) => entry([record], index === 0 ? first : sessions - first));
}

function total(failures: readonly Failure[]): number {
  return failures.reduce((sum, { sessions }) => sum + sessions, 0);
}

function summary(successful: number, failed: number): Pick<WirePolicy, 'summary'> {
  return { summary: { 'total-successful-session-count': successful, 'total-failure-session-count': failed } };
}
