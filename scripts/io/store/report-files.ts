import type { Day } from '../../core/clock.ts';
import type { MonthFigures } from '../../core/reports/months.ts';
import type { SessionStatements } from '../../core/reports/sessions.ts';
import { openDatabase } from './duckdb.ts';
import { createManaged } from './managed-domains.ts';
import { monthFigures } from './month-figures.ts';
import { listParts } from './part-files.ts';
import { checkParts, rowsOf, type UnreadablePart } from './readable-parts.ts';

/** The stored reports, for reading. */
export interface ReportFiles {
  /** Stored files that could not be read. Their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** Makes these the domains that figures are asked of, by index. */
  readonly ask: (domains: readonly string[]) => Promise<void>;
  /** The figures of one month, `2026-11`; null when nothing is stored of it. `statements` count the rows they are given. */
  readonly figures: (
    month: string,
    calendar: readonly Day[],
    statements: (rows: string) => SessionStatements,
  ) => Promise<MonthFigures | null>;
  readonly close: () => void;
}

/** Opens `<dataDir>/reports`. What does not exist yet is empty; nothing is written. */
export async function openReportFiles(dataDir: string): Promise<ReportFiles> {
  const { connection, close } = await openDatabase();
  const { readable, unreadable } = await checkParts(connection, dataDir, listParts(dataDir));
  let asked: readonly string[] = [];
  return {
    unreadable,
    ask: async (domains) => {
      asked = domains;
      await createManaged(connection, domains);
    },
    figures: async (month, calendar, statements) => {
      const parts = readable.filter((part) => part.month === month);
      return parts.length === 0 ? null : monthFigures(connection, statements(rowsOf(parts)), asked, calendar);
    },
    close,
  };
}
