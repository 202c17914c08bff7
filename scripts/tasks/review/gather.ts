import { reviewDomains } from '../../core/analysis/review.ts';
import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import type { Configuration } from '../../core/config/types.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import type { ReportsView } from '../../core/reports/view.ts';
import type { Review } from '../../core/review.ts';
import { collectGarbage } from '../../io/collect-garbage.ts';
import type { UnreadablePart } from '../../io/store/readable-parts.ts';
import { domainsAsked } from '../domains-asked.ts';
import { readLedger } from '../ledger.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { findCauses } from './find-causes.ts';
import { lookBack } from './look-back.ts';
import { watched } from './watching.ts';
import { WINDOW_DAYS } from './window-days.ts';

export interface GatherOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  /** None = all. */
  readonly domains?: readonly string[];
  /** With less memory, for longer. */
  readonly sparing?: boolean;
}

export interface Gathered {
  readonly configuration: Configuration;
  /** Of the domains asked for. */
  readonly reports: ReportsView;
  readonly review: Review;
  /** Stored files that could not be read: their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** Damaged files of what was counted before: nothing is missing, it was counted anew. */
  readonly recounted: readonly string[];
  /** What was published for each domain asked for, until now. */
  readonly ledgers: ReadonlyMap<string, Ledger>;
}

/**
 * Everything that is known of the domains at `now`, and what follows from it. A domain whose file has errors is left
 * out, and `configuration.problems` says so. Throws `configuration-invalid` or `domain-unknown` (exit 2).
 */
export async function gather({ root, data, now, domains = [], sparing = false }: GatherOptions): Promise<Gathered> {
  const configuration = await loadConfiguration(root);
  const asked = domainsAsked(configuration, domains);
  const names = asked.map(({ domain }) => domain);
  const from = addDays(dayOf(now), 1 - WINDOW_DAYS);
  const { reports, standings, unreadable, recounted, seen } = await lookBack({
    data,
    domains: names,
    from,
    now,
    sparing,
  });
  try {
    if (sparing) collectGarbage();
    const ledgers = new Map(names.map((domain) => [domain as string, readLedger(data, domain, now)]));
    const { settings } = configuration;
    const managed = new Set<string>(configuration.domains.map(({ domain }) => domain));
    const judged = reviewDomains({ domains: asked, managed, reports, now, settings, standings, ledgers });
    const caused = await findCauses(judged, seen, ledgers);
    // Our own work is spoken of where all domains are.
    const isWhole = settings !== null && domains.length === 0;
    const review = isWhole ? watched(caused, { data, settings, domains: asked, reports, now }) : caused;
    return { configuration, reports, review, unreadable, recounted, ledgers };
  } finally {
    await seen.close();
  }
}
