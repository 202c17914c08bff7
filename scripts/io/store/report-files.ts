import type { Day, Instant } from '../../core/clock.ts';
import type { CountedRules } from '../../core/reports/counted-for.ts';
import type { PieceFigures } from '../../core/reports/piece-figures.ts';
import type { SessionStatements } from '../../core/reports/session-statements.ts';
import { countedName, findCounted, keepCounted, writeCounted } from './counted-files.ts';
import { eachRow, openDatabase } from './duckdb.ts';
import { figureCache } from './figure-cache.ts';
import { createManaged } from './managed-domains.ts';
import { type PartDay, partDays } from './part-days.ts';
import { listParts } from './part-files.ts';
import { pieceFigures } from './piece-figures.ts';
import { checkParts, rowsOf, type UnreadablePart } from './readable-parts.ts';

/** Fewer rows are counted faster than their figures are found again. */
const KEPT_FROM = 100_000;

export interface ReportFilesOptions {
  /** What stands in the data beside the rows is not believed. */
  readonly fromRows?: boolean;
  /** Rows of a piece from which on its figures are kept beside them. */
  readonly keptFrom?: number;
}

/** In place of the moment in the name of what is kept: then it is the same at all. */
const NOW = 'now' as Instant;

/** The stored reports, for reading. */
export interface ReportFiles {
  /** Stored files that could not be read. Their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
  /** Files of what was counted that are damaged: they were counted anew, and the next run that writes replaces them. */
  readonly recounted: readonly string[];
  /** Makes these the domains that figures are asked of, by index. */
  readonly ask: (domains: readonly string[]) => Promise<void>;
  /** How many rows are stored of the days of one month, `2026-11`. */
  readonly rows: (month: string) => Promise<(day: Day) => number>;
  /**
   * The figures of some days of one month; null when nothing is stored of them. `statements` count the rows they are given
   * as far as they were received at or before `now`; they are asked again with other words for both, to tell what was counted.
   */
  readonly figures: (piece: PieceOfMonth, statements: Counting) => Promise<PieceFigures | null>;
  /** Keeps those figures beside the rows, where counting takes long enough, until `keepOnly`. The caller holds the lock. */
  readonly keep: (piece: PieceOfMonth, statements: Counting) => Promise<void>;
  /** Removes all figures beside the rows that were not kept since the store was opened. */
  readonly keepOnly: () => void;
  readonly close: () => void;
}

type Counting = (rows: string, now: Instant) => SessionStatements;

interface PieceOfMonth {
  readonly month: string;
  /** The days of the month, first to last. */
  readonly calendar: readonly Day[];
  readonly window: { readonly from: Day; readonly to: Day; readonly now: Instant };
}

/** Opens `<dataDir>/reports`. What does not exist yet is empty; nothing is written before `keep`. */
export async function openReportFiles(
  dataDir: string,
  rules: CountedRules,
  { fromRows = false, keptFrom = KEPT_FROM }: ReportFilesOptions = {},
): Promise<ReportFiles> {
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
  const recounted = new Set<string>();
  const kept = new Set<string>();
  const find = (month: string, of: string) => {
    const found = findCounted(dataDir, month, of, (counted) => rules.placesAmong(counted, asked));
    for (const file of found.damaged) recounted.add(file);
    return found;
  };
  /** The files that a piece stands in, and how it is counted. */
  const counting = async ({ month, calendar, window }: PieceOfMonth, statements: Counting) => {
    const days = (await daysOf(month)).filter(({ day }) => day >= window.from && day <= window.to);
    const parts = [...new Set(days.map(({ part }) => part))];
    if (parts.length === 0) return null;
    const rows = days.reduce((sum, one) => sum + one.rows, 0);
    return {
      parts,
      // What is received later will count only later: then the same rows have other figures.
      isLasting: days.every(({ received }) => received <= window.now),
      rows,
      /** What they are called when they are kept; null when somebody else named one of the files. */
      of: countedName(parts, JSON.stringify(statements('rows', NOW))),
      count: () => pieceFigures(connection, statements(rowsOf(parts), window.now), asked, calendar),
    };
  };
  return {
    unreadable,
    get recounted() {
      return [...recounted].sort();
    },
    ask: async (domains) => {
      asked = domains;
      await createManaged(connection, domains);
    },
    rows: async (month) => {
      const rows = new Map<Day, number>();
      for (const one of await daysOf(month)) rows.set(one.day, one.rows + (rows.get(one.day) ?? 0));
      return (day) => rows.get(day) ?? 0;
    },
    figures: (piece, statements) =>
      guarded(piece.month, async () => {
        const way = await counting(piece, statements);
        if (way === null) return null;
        const { parts, rows, of, isLasting, count } = way;
        if (!isLasting) return count();
        const found = fromRows || of === null || rows < keptFrom ? null : find(piece.month, of);
        if (found?.figures) return found.figures;
        if (rows < KEPT_FROM) return count();
        return figureCache(parts, [JSON.stringify(statements('rows', NOW)), asked.join(' ')], count);
      }),
    keep: async (piece, statements) => {
      const way = await counting(piece, statements);
      if (way === null || !way.isLasting || way.rows < keptFrom || way.of === null) return;
      const { file } = find(piece.month, way.of);
      if (file !== null) {
        kept.add(file);
        return;
      }
      const named: string[] = [];
      await eachRow(connection, statements(rowsOf(way.parts), piece.window.now).names, (cell) => {
        named.push(cell(0) as string);
      });
      const counted = rules.countedFor(named, asked);
      kept.add(writeCounted(dataDir, way.of, await way.count(), { domains: asked, counted }));
    },
    keepOnly: () => keepCounted(dataDir, kept),
    close,
  };
}
