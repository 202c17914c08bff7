import type { Day, Instant } from '../clock.ts';
import type { Freshness } from '../review.ts';
import type { DomainReports } from './reports-by-domain.ts';

/** How far the reports of one domain reach. */
export function domainFreshness(
  reports: DomainReports,
): Pick<Freshness['domains'][number], 'last_day' | 'last_received_at' | 'reporters'> {
  let last_day: Day | null = null;
  let last_received_at: Instant | null = null;
  for (const { days, last_received_at: received } of reports.reporters) {
    last_day = later(last_day, days.at(-1) ?? null);
    last_received_at = later(last_received_at, received);
  }
  return { last_day, last_received_at, reporters: new Set(reports.reporters.map(({ reporter }) => reporter)).size };
}

/** How far reports reach at all, and when anything was last observed: the newest of any domain. */
export function freshnessOf(domains: Freshness['domains'], observed: readonly (Instant | null)[]): Freshness {
  let last_day: Day | null = null;
  let last_received_at: Instant | null = null;
  for (const domain of domains) {
    last_day = later(last_day, domain.last_day);
    last_received_at = later(last_received_at, domain.last_received_at);
  }
  const observations = observed.reduce<Instant | null>((last, at) => later(last, at), null);
  return { reports: { last_received_at, last_day }, domains, observations };
}

/** Days and instants sort as text. */
function later<T extends Day | Instant>(a: T | null, b: T | null): T | null {
  return a === null || (b !== null && b > a) ? b : a;
}
