import type { DomainFacts, SiteFacts } from './domain-facts.ts';

/** Rows of one page of the overview: with more than a thousand bytes each, the first page stays below 100 KB. */
const PAGE_ROWS = 50;

/** One page of the overview, in order of need; `number` counts from 1. */
export interface FleetPage {
  readonly number: number;
  readonly of: number;
  /** Position of the first and last row among all domains, from 1. */
  readonly first: number;
  readonly last: number;
  readonly domains: readonly DomainFacts[];
}

/** At least one page, even when there is no domain. */
export function fleetPages({ domains }: SiteFacts): readonly FleetPage[] {
  const of = Math.max(1, Math.ceil(domains.length / PAGE_ROWS));
  return Array.from({ length: of }, (_, index) => {
    const rows = domains.slice(index * PAGE_ROWS, (index + 1) * PAGE_ROWS);
    return {
      number: index + 1,
      of,
      first: index * PAGE_ROWS + 1,
      last: index * PAGE_ROWS + rows.length,
      domains: rows,
    };
  });
}

/** The pages that are linked from one page: the ends and its neighbours. Null stands for those left out between. */
export function linkedPages({ number: here, of }: FleetPage): readonly (number | null)[] {
  const near = [1, here - 2, here - 1, here, here + 1, here + 2, of].filter((one) => one >= 1 && one <= of);
  const sorted = [...new Set(near)].sort((a, b) => a - b);
  return sorted.flatMap((one, index) => (index > 0 && one !== (sorted[index - 1] ?? 0) + 1 ? [null, one] : [one]));
}
