import { type Day, dayOf, type Instant } from '../core/clock.ts';
import { countedFor, placesAmong } from '../core/reports/counted-for.ts';
import { PieceJoin } from '../core/reports/join-pieces.ts';
import { monthsOf, piecesOf } from '../core/reports/months.ts';
import { sessionStatements } from '../core/reports/session-statements.ts';
import type { ReportsView } from '../core/reports/view.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';
import { openReportFiles, type ReportFiles, type ReportFilesOptions } from '../io/store/report-files.ts';
import type { DomainName } from '../standards/domain-name.ts';

export interface ReportStore {
  /** Stored files that could not be read, relative to the data folder: their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** What the store says of these domains, from `from` to `to` (default: the day of `now`), by what was received at or before `now`. */
  readonly view: (query: ReportQuery) => Promise<ReportsView>;
  /** Files of what was counted before that are damaged: it was counted anew. */
  readonly recounted: readonly string[];
  /**
   * Keeps beside the rows what `view` counts for these queries, where that takes long enough, and nothing else that was
   * counted. The caller holds the lock of the store.
   */
  readonly keep: (queries: readonly ReportQuery[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

type Piece = Parameters<ReportFiles['figures']>;

interface ReportQuery {
  readonly domains: readonly DomainName[];
  readonly from: Day;
  readonly to?: Day;
  readonly now: Instant;
}

/** The reports under `<dataDir>/reports`, counted by core/reports/session-statements.ts. A store that does not exist yet is empty. */
export async function openReportStore(dataDir: string, options: ReportFilesOptions = {}): Promise<ReportStore> {
  const files = await openReportFiles(dataDir, { countedFor, placesAmong }, options);
  const each = async ({ domains, from, now, to = dayOf(now) }: ReportQuery, take: (piece: Piece) => Promise<void>) => {
    await files.ask([...new Set(domains)].sort());
    for (const { month, calendar, window } of monthsOf({ from, to, now })) {
      for (const piece of piecesOf(window, await files.rows(month))) {
        const statements = (rows: string, received: Instant) => sessionStatements(rows, { ...piece, now: received });
        await take([{ month, calendar, window: piece }, statements]);
      }
    }
  };
  return {
    unreadable: files.unreadable,
    get recounted() {
      return files.recounted;
    },
    view: async (query) => {
      const domains = [...new Set(query.domains)].sort();
      const join = new PieceJoin(domains);
      // Joined at once: what the pieces have in common is held once.
      await each(query, async (piece) => {
        const figures = await files.figures(...piece);
        if (figures !== null) join.add(figures);
      });
      return { from: query.from, to: query.to ?? dayOf(query.now), ...join.view() };
    },
    keep: async (queries) => {
      for (const query of queries) await each(query, (piece) => files.keep(...piece));
      files.keepOnly();
    },
    close: async () => files.close(),
  };
}
