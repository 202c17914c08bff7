import type { DuckDBConnection } from '@duckdb/node-api';
import type { Day, Instant } from '../../core/clock.ts';
import type { PieceFigures } from '../../core/reports/piece-figures.ts';
import type { SessionStatements } from '../../core/reports/session-statements.ts';
import { eachRow, openDatabase } from './duckdb.ts';
import { figureCache } from './figure-cache.ts';
import { createManaged } from './managed-domains.ts';
import { listParts, type PartFile } from './part-files.ts';
import { pieceFigures } from './piece-figures.ts';
import { checkParts, rowsOf, type UnreadablePart } from './readable-parts.ts';

/** Fewer rows are counted faster than their figures are found again. */
const CACHED_FROM = 100_000;

/** The stored reports, for reading. */
export interface ReportFiles {
  /** Stored files that could not be read. Their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** Makes these the domains that figures are asked of, by index. */
  readonly ask: (domains: readonly string[]) => Promise<void>;
  /** How many rows are stored of the days of one month, `2026-11`. */
  readonly rows: (month: string) => Promise<(day: Day) => number>;
  /**
   * The figures of some days of one month; null when nothing is stored of them. `statements` count the rows they are given
   * as far as they were received at or before `now`; they are asked again with other words for both, to tell what was counted.
   */
  readonly figures: (
    piece: PieceOfMonth,
    statements: (rows: string, now: Instant) => SessionStatements,
  ) => Promise<PieceFigures | null>;
  readonly close: () => void;
}

interface PieceOfMonth {
  readonly month: string;
  /** The days of the month, first to last. */
  readonly calendar: readonly Day[];
  readonly window: { readonly from: Day; readonly to: Day; readonly now: Instant };
}

/** The rows of one day in one file. */
interface PartDay {
  readonly part: PartFile;
  readonly day: Day;
  readonly rows: number;
  /** When the last of them was received. */
  readonly received: Instant;
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
  /** A file whose damage shows only now is left out. */
  const guarded = async <T>(month: string, read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (!(await leaveOutDamaged(month))) throw error;
      known.delete(month);
      return read();
    }
  };
  const known = new Map<string, readonly PartDay[]>();
  const daysOf = async (month: string): Promise<readonly PartDay[]> => {
    const days = known.get(month) ?? (await guarded(month, () => partDays(connection, of(month))));
    known.set(month, days);
    return days;
  };
  let asked: readonly string[] = [];
  return {
    unreadable,
    ask: async (domains) => {
      asked = domains;
      await createManaged(connection, domains);
    },
    rows: async (month) => {
      const rows = new Map<Day, number>();
      for (const one of await daysOf(month)) rows.set(one.day, one.rows + (rows.get(one.day) ?? 0));
      return (day) => rows.get(day) ?? 0;
    },
    figures: async ({ month, calendar, window }, statements) => {
      const count = async (): Promise<PieceFigures | null> => {
        const days = (await daysOf(month)).filter(({ day }) => day >= window.from && day <= window.to);
        const parts = [...new Set(days.map(({ part }) => part))];
        if (parts.length === 0) return null;
        const own = statements(rowsOf(parts), window.now);
        const counted = () => pieceFigures(connection, own, asked, calendar);
        const rows = days.reduce((sum, one) => sum + one.rows, 0);
        // What is received later will count only later: then the same rows have other figures.
        if (rows < CACHED_FROM || days.some(({ received }) => received > window.now)) return counted();
        const words = statements('rows', 'now' as Instant);
        return figureCache(parts, [JSON.stringify(words), asked.join(' ')], counted);
      };
      return guarded(month, count);
    },
    close,
  };
}

async function partDays(connection: DuckDBConnection, parts: readonly PartFile[]): Promise<readonly PartDay[]> {
  const days: PartDay[] = [];
  if (parts.length === 0) return days;
  const byPath = new Map(parts.map((part) => [part.path, part]));
  // The next whole second, where somebody else's file knows parts of one.
  const sql = `
    SELECT filename, day::VARCHAR, count(*)::DOUBLE, strftime(max(received_at) + INTERVAL 999999 MICROSECOND, '%Y-%m-%dT%H:%M:%SZ')
    FROM ${rowsOf(parts)} GROUP BY filename, day ORDER BY filename, day`;
  await eachRow(connection, sql, (cell) => {
    const part = byPath.get(cell(0) as string);
    if (part === undefined) return;
    days.push({ part, day: cell(1) as Day, rows: cell(2) as number, received: cell(3) as Instant });
  });
  return days;
}
