import { type Day, dayOf, type Instant } from '../core/clock.ts';
import { joinMonths, type MonthFigures, monthsOf, piecesOf } from '../core/reports/months.ts';
import { sessionStatements } from '../core/reports/sessions.ts';
import type { ReportsView } from '../core/reports/view.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';
import { openReportFiles } from '../io/store/report-files.ts';
import type { DomainName } from '../standards/domain-name.ts';

/** Rows that are counted at a time: more would not fit the memory that counting may take. */
const ROWS_AT_ONCE = 1_000_000;

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

/** The reports under `<dataDir>/reports`, counted by core/reports/sessions.ts. A store that does not exist yet is empty. */
export async function openReportStore(dataDir: string): Promise<ReportStore> {
  const files = await openReportFiles(dataDir);
  return {
    unreadable: files.unreadable,
    view: async ({ domains, from, now, to = dayOf(now) }) => {
      await files.ask([...new Set(domains)].sort());
      let joined: MonthFigures = joinMonths([]);
      for (const { month, calendar, window } of monthsOf({ from, to, now })) {
        const pieces = piecesOf(window, Math.ceil((await files.rows(month)) / ROWS_AT_ONCE));
        for (const piece of pieces) {
          const figures = await files.figures(month, calendar, (rows) => sessionStatements(rows, piece));
          // Joined at once: what the pieces have in common is held once.
          if (figures !== null) joined = joinMonths([joined, figures]);
        }
      }
      return { from, to, ...joined };
    },
    close: async () => files.close(),
  };
}
