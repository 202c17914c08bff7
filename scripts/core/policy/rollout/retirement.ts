import { epochMs, type Instant, instantOf } from '../../clock.ts';
import type { Ledger, PolicyVersion } from '../versions/ledger.ts';

/** Seconds added to the longest cache life: clocks differ, and a CDN may serve a little longer than it was told. */
const RETIREMENT_MARGIN = 86_400;
/** Days in which releasing the claim is tried again. */
const RELEASE_DAYS = 30;

/**
 * When a policy that was ever seen served can no longer be in any cache:
 * `max over all versions (last served + max_age) + margin` (RFC 8461 §8.3; rollout rules §2), not just that of the last.
 * A version counts as served until the next one was first served: probes write no line for what has not changed.
 * The `mode: none` version itself is left out, its expiry is harmless. Null: nothing was ever seen served.
 */
export function retirementNotBefore(ledger: Ledger): Instant | null {
  const served = ledger.versions.filter(
    ({ first_served_at, announced_at }) => (first_served_at ?? announced_at) !== null,
  );
  let latest: number | null = null;
  for (const [index, version] of served.entries()) {
    if (version.mode === 'none') continue;
    const last = lastServed(version, served[index + 1]);
    // Still served: no end can be named before the next version took its place.
    if (last === null) return null;
    const end = epochMs(last) + (version.max_age + RETIREMENT_MARGIN) * 1000;
    if (latest === null || end > latest) latest = end;
  }
  const lastNone = served.findLast(({ mode }) => mode === 'none');
  if (latest !== null) return instantOf(latest);
  return lastNone === undefined ? null : (lastNone.first_served_at ?? lastNone.announced_at);
}

function lastServed(version: PolicyVersion, next: PolicyVersion | undefined): Instant | null {
  const replaced = next?.first_served_at ?? next?.announced_at ?? version.withdrawn_at;
  if (replaced === null || replaced === undefined) return null;
  const { last_served_at } = version;
  return last_served_at !== null && last_served_at > replaced ? last_served_at : replaced;
}

/** Where a retirement stands; each step waits for the one before it (rollout rules §2, G6 and G7; RFC 8461 §8.3). */
export type RetirementStep =
  | { readonly step: 'publish-none' }
  /** `not_before` null: the `mode: none` version has not been seen served yet. */
  | { readonly step: 'wait'; readonly not_before: Instant | null }
  | { readonly step: 'remove-txt' }
  /** Until then a cached TXT record may still lead a sender to the policy host. */
  | { readonly step: 'wait-ttl'; readonly not_before: Instant }
  /** DNS first, then the claim: a name that points to a host nobody claims can be taken over. */
  | { readonly step: 'remove-host-name' }
  | { readonly step: 'release-claim' }
  | { readonly step: 'removed' };

export interface RetirementFacts {
  readonly ledger: Ledger;
  readonly now: Instant;
  /** Seconds: the longest TTL the `_mta-sts` record had. */
  readonly txt_ttl: number;
  /** Does the policy host's name still resolve? Null: not known. */
  readonly host_name_exists: boolean | null;
}

export function retirementStep(facts: RetirementFacts): RetirementStep {
  const { ledger, now, txt_ttl, host_name_exists } = facts;
  const last = ledger.versions.at(-1);
  if (last === undefined) return { step: 'removed' };
  if (last.withdrawn_at === null) {
    if (last.mode !== 'none') return { step: 'publish-none' };
    const notBefore = last.announced_at === null ? null : retirementNotBefore(ledger);
    if (notBefore === null || now < notBefore) return { step: 'wait', not_before: notBefore };
    return { step: 'remove-txt' };
  }
  const settled = instantOf(epochMs(last.withdrawn_at) + txt_ttl * 1000);
  if (now < settled) return { step: 'wait-ttl', not_before: settled };
  if (host_name_exists !== false) return { step: 'remove-host-name' };
  // The claim cannot be seen from outside: releasing one that is gone changes nothing, and a month is enough for all.
  return { step: now < instantOf(epochMs(settled) + RELEASE_DAYS * 86_400_000) ? 'release-claim' : 'removed' };
}
