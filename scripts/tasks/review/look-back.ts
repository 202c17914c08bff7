import type { Day, Instant } from '../../core/clock.ts';
import type { Standing } from '../../core/probe/standing.ts';
import type { ReportsView } from '../../core/reports/view.ts';
import type { UnreadablePart } from '../../io/store/readable-parts.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { type ObservationStore, openObservationStore } from '../open-observation-store.ts';
import { openReportStore } from '../open-report-store.ts';

interface LookBack {
  readonly data: string;
  readonly domains: readonly DomainName[];
  readonly from: Day;
  readonly now: Instant;
  /** One after the other: longer, with half of the memory. */
  readonly sparing?: boolean;
}

export interface LookedBack {
  readonly reports: ReportsView;
  readonly standings: readonly Standing[];
  readonly unreadable: readonly UnreadablePart[];
  /** Damaged files of what was counted before: it was counted anew. */
  readonly recounted: readonly string[];
  /** Open: for what else is asked of the same observations. Whoever gets it closes it. */
  readonly seen: ObservationStore;
}

/** What was reported and what was seen since `from`: the database looks for the one while the other is put together here. */
export async function lookBack(query: LookBack): Promise<LookedBack> {
  const { data, domains, from, now, sparing = false } = query;
  const seen = await openObservationStore(data);
  const standing = seen.read({ domains, from: `${from}T00:00:00Z` as Instant, to: now });
  // What the database took for them it has given back before the reports are put together.
  if (sparing) await Promise.allSettled([standing]);
  const read = await Promise.allSettled([standing, reported(query)]);
  const [standings, { reports, unreadable, recounted }] = await whole(read).catch(async (error: unknown) => {
    await seen.close();
    throw error;
  });
  return { reports, standings, unreadable: [...unreadable, ...seen.unreadable], recounted, seen };
}

/** Neither store is closed while it is still asked: so both have ended before one of them fails. */
async function whole<A, B>([a, b]: [PromiseSettledResult<A>, PromiseSettledResult<B>]): Promise<[A, B]> {
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

type Reported = Pick<LookedBack, 'reports' | 'unreadable' | 'recounted'>;

async function reported({ data, domains, from, now }: LookBack): Promise<Reported> {
  const store = await openReportStore(data);
  try {
    const reports = await store.view({ domains, from, now });
    return { reports, unreadable: store.unreadable, recounted: store.recounted };
  } finally {
    await store.close();
  }
}
