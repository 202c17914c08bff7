import { type Day, dayOf, type Instant } from '../core/clock.ts';
import { PieceJoin } from '../core/reports/join-pieces.ts';
import { monthsOf, piecesOf } from '../core/reports/months.ts';
import type { PieceFigures } from '../core/reports/piece-figures.ts';
import { sessionStatements } from '../core/reports/session-statements.ts';
import type { ReportsView } from '../core/reports/view.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';
import { openReportFiles } from '../io/store/report-files.ts';
import type { DomainName } from '../standards/domain-name.ts';

export interface ReportStore {
  /** Stored files that could not be read, relative to the data folder: their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** What the store says of these domains, from `from` to `to` (default: the day of `now`), by what was received at or before `now`. */
  readonly view: (query: ReportQuery) => Promise<ReportsView>;
  /** Counts for later what `view` would count, where that takes long enough to be kept. */
  readonly count: (query: ReportQuery) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface ReportQuery {
  readonly domains: readonly DomainName[];
  readonly from: Day;
  readonly to?: Day;
  readonly now: Instant;
}

/** The reports under `<dataDir>/reports`, counted by core/reports/session-statements.ts. A store that does not exist yet is empty. */
export async function openReportStore(dataDir: string): Promise<ReportStore> {
  const files = await openReportFiles(dataDir);
  const each = async ({ domains, from, now, to = dayOf(now) }: ReportQuery, take: (piece: PieceFigures) => void) => {
    await files.ask(domains);
    for (const { month, calendar, window } of monthsOf({ from, to, now })) {
      for (const piece of piecesOf(window, await files.rows(month))) {
        const statements = (rows: string, received: Instant) => sessionStatements(rows, { ...piece, now: received });
        const figures = await files.figures({ month, calendar, window: piece }, statements);
        if (figures !== null) take(figures);
      }
    }
  };
  return {
    unreadable: files.unreadable,
    view: async (query) => {
      const domains = [...new Set(query.domains)].sort();
      const join = new PieceJoin(domains);
      // Joined at once: what the pieces have in common is held once.
      await each({ ...query, domains }, (piece) => join.add(piece));
      return { from: query.from, to: query.to ?? dayOf(query.now), ...join.view() };
    },
    count: (query) => each({ ...query, domains: [...new Set(query.domains)].sort() }, () => undefined),
    close: async () => files.close(),
  };
}
