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
  /** Open: for what else is asked of the same observations. Whoever gets it closes it. */
  readonly seen: ObservationStore;
}

/** What was reported and what was seen since `from`: the database looks for the one while the other is put together here. */
export async function lookBack(query: LookBack): Promise<LookedBack> {
  const { data, domains, from, now, sparing = false } = query;
  const before = sparing ? await reported(query) : null;
  const seen = await openObservationStore(data);
  const read = await Promise.allSettled([
    seen.read({ domains, from: `${from}T00:00:00Z` as Instant, to: now }),
    before ?? reported(query),
  ]);
  const [standings, { reports, unreadable }] = await whole(read).catch(async (error: unknown) => {
    await seen.close();
    throw error;
  });
  return { reports, standings, unreadable: [...unreadable, ...seen.unreadable], seen };
}

/** Neither store is closed while it is still asked: so both have ended before one of them fails. */
async function whole<A, B>([a, b]: [PromiseSettledResult<A>, PromiseSettledResult<B>]): Promise<[A, B]> {
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

async function reported({ data, domains, from, now }: LookBack): Promise<Pick<LookedBack, 'reports' | 'unreadable'>> {
  const store = await openReportStore(data);
  try {
    const reports = await store.view({ domains, from, now });
    return { reports, unreadable: store.unreadable };
  } finally {
    await store.close();
  }
}
