import { type Day, dayOf, type Instant } from '../core/clock.ts';
import { PieceJoin } from '../core/reports/join-pieces.ts';
import { monthsOf, piecesOf } from '../core/reports/months.ts';
import { sessionStatements } from '../core/reports/session-statements.ts';
import type { ReportsView } from '../core/reports/view.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';
import { openReportFiles } from '../io/store/report-files.ts';
import type { DomainName } from '../standards/domain-name.ts';

export interface ReportStore {
  /** Stored files that could not be read, relative to the data folder: their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** What the store says of these domains, from `from` to `to` (default: the day of `now`), by what was received at or before `now`. */
  readonly view: (query: {
    readonly domains: readonly DomainName[];
    readonly from: Day;
    readonly to?: Day;
    readonly now: Instant;
  }) => Promise<ReportsView>;
  readonly close: () => Promise<void>;
}

/** The reports under `<dataDir>/reports`, counted by core/reports/session-statements.ts. A store that does not exist yet is empty. */
export async function openReportStore(dataDir: string): Promise<ReportStore> {
  const files = await openReportFiles(dataDir);
  return {
    unreadable: files.unreadable,
    view: async ({ domains, from, now, to = dayOf(now) }) => {
      const asked = [...new Set(domains)].sort();
      await files.ask(asked);
      const join = new PieceJoin(asked);
      for (const { month, calendar, window } of monthsOf({ from, to, now })) {
        for (const piece of piecesOf(window, await files.rows(month))) {
          const statements = (rows: string, received: Instant) => sessionStatements(rows, { ...piece, now: received });
          const figures = await files.figures({ month, calendar, window: piece }, statements);
          // Joined at once: what the pieces have in common is held once.
          if (figures !== null) join.add(figures);
        }
      }
      return { from, to, ...join.view() };
    },
    close: async () => files.close(),
  };
}
