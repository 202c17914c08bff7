import { type Change, changesOf, withCause } from '../../core/analysis/changes.ts';
import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import { type Ledger, NO_LEDGER } from '../../core/policy/versions/ledger.ts';
import type { Review } from '../../core/review.ts';
import type { ObservationStore } from '../open-observation-store.ts';

/** Days before the first fact of a finding in which a change may be its cause. */
const CAUSE_DAYS = 5;
/** Domains whose history is read: in a mass failure the first ones tell the cause. */
const CAUSE_DOMAINS = 200;

/** Looks up what changed before each finding; a quiet fleet has nothing to look up. */
export async function findCauses(
  review: Review,
  store: ObservationStore,
  ledgers: ReadonlyMap<string, Ledger>,
): Promise<Review> {
  const live = review.findings.filter(({ state }) => state !== 'filtered');
  const domains = [...new Set(live.flatMap((finding) => finding.domains))].slice(0, CAUSE_DOMAINS);
  if (domains.length === 0) return review;
  const first = live.reduce((day, { since }) => (since < day ? since : day), dayOf(review.at));
  const from = `${addDays(first, -CAUSE_DAYS)}T00:00:00Z` as Instant;
  const spans = Map.groupBy(await store.history({ domains, from, to: review.at }), ({ domain }) => domain);
  const changes = new Map<string, readonly Change[]>(
    domains.map((domain) => [domain, changesOf(spans.get(domain) ?? [], ledgers.get(domain) ?? NO_LEDGER)]),
  );
  const findings = review.findings.map((finding) =>
    finding.state === 'filtered'
      ? finding
      : withCause(
          finding,
          finding.domains.flatMap((domain) => changes.get(domain) ?? []),
        ),
  );
  return { ...review, findings };
}
