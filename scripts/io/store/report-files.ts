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
  /** How many rows are stored of one month, `2026-11`. */
  readonly rows: (month: string) => Promise<number>;
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
  // A large file of another tool is not read twice for fear of damage: damage shows while it is counted.
  const checked = await checkParts(connection, dataDir, listParts(dataDir), undefined, { deep: false });
  let { readable } = checked;
  const unreadable = [...checked.unreadable];
  const of = (month: string) => readable.filter((part) => part.month === month);
  const leaveOutDamaged = async (month: string): Promise<boolean> => {
    const again = await checkParts(connection, dataDir, of(month));
    unreadable.push(...again.unreadable);
    readable = [...readable.filter((part) => part.month !== month), ...again.readable];
    return again.unreadable.length > 0;
  };
  let asked: readonly string[] = [];
  return {
    unreadable,
    ask: async (domains) => {
      asked = domains;
      await createManaged(connection, domains);
    },
    rows: async (month) => {
      const parts = of(month);
      if (parts.length === 0) return 0;
      const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${rowsOf(parts)}`);
      return counted.getRows()[0]?.[0] as number;
    },
    figures: async (month, calendar, statements) => {
      const count = async (): Promise<MonthFigures | null> =>
        of(month).length === 0 ? null : monthFigures(connection, statements(rowsOf(of(month))), asked, calendar);
      try {
        return await count();
      } catch (error) {
        if (await leaveOutDamaged(month)) return count();
        throw error;
      }
    },
    close,
  };
}
