import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Day } from '../../core/clock.ts';
import type { StoredMonth } from '../../core/reports/upkeep.ts';
import { openDatabase, quoted } from './duckdb.ts';
import { FIGURES, type FigureFormat, type FigureSource, writeFigures } from './figure-files.ts';
import { createManaged } from './managed-domains.ts';
import { commitParts, listParts, type PartFile, sealPart, settleParts, stageParts } from './part-files.ts';
import { checkParts, reportRowsOf, rowsOf, type UnreadablePart } from './readable-parts.ts';
import { FILE_ORDER, REPORT_COLUMNS } from './report-columns.ts';

/** The stored reports and their daily figures, to be kept in order. Whoever opens it to change something holds the lock. */
export interface ReportUpkeep {
  readonly months: readonly StoredMonth[];
  /** Files that could not be read: they are left where they are. */
  readonly unreadable: readonly UnreadablePart[];
  /** Reports of a month received on or after `closed`. */
  readonly late: (month: string, closed: Day) => Promise<number>;
  /** Stores the figures of a month; with null for `source`, only leaves out those before `from`. */
  readonly figures: (month: string, source: ((rows: string) => FigureSource) | null, from: Day | null) => Promise<void>;
  /** Makes one file of a month's rows without those before `from`. Returns how many rows went. */
  readonly merge: (month: string, from: Day | null) => Promise<number>;
  readonly close: () => void;
}

export async function openReportUpkeep(
  dataDir: string,
  { readOnly, format }: { readonly readOnly: boolean; readonly format: FigureFormat },
): Promise<ReportUpkeep> {
  if (!readOnly) for (const store of ['reports', FIGURES] as const) settleParts(dataDir, store);
  const { connection, close } = await openDatabase();
  // Figures are of everything that was reported: whose they are is asked when they are read.
  await createManaged(connection, []);
  const rows = await checkParts(connection, dataDir, listParts(dataDir));
  const figures = await checkParts(connection, dataDir, listParts(dataDir, FIGURES), Object.keys(format.columns));
  const of = (parts: readonly PartFile[], month: string) => parts.filter((part) => part.month === month);
  const one = async (sql: string): Promise<unknown> => (await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? null;
  const firstDay = async (parts: readonly PartFile[]): Promise<Day | null> =>
    parts.length === 0 ? null : ((await one(`SELECT min(day)::VARCHAR FROM ${rowsOf(parts)}`)) as Day | null);
  const months: StoredMonth[] = [];
  for (const month of [...new Set([...rows.readable, ...figures.readable].map((part) => part.month))].sort()) {
    const own = of(figures.readable, month);
    months.push({
      month,
      parts: of(rows.readable, month).length,
      first_day: await firstDay(of(rows.readable, month)),
      has_figures: own.length > 0,
      first_figures: await firstDay(own),
    });
  }
  return {
    months,
    unreadable: [...rows.unreadable, ...figures.unreadable],
    late: async (month, closed) => {
      const late = `received_at >= TIMESTAMPTZ ${quoted(`${closed}T00:00:00Z`)}`;
      const parts = of(rows.readable, month);
      if (parts.length === 0) return 0;
      return Number(await one(`SELECT count(DISTINCT report_sha256) FROM ${rowsOf(parts)} WHERE ${late}`));
    },
    figures: async (month, source, from) => {
      const given = source === null ? null : source(reportRowsOf(of(rows.readable, month)));
      await writeFigures(connection, dataDir, month, {
        source: given,
        stored: of(figures.readable, month),
        from,
        format,
      });
    },
    merge: async (month, from) => {
      const parts = of(rows.readable, month);
      const due = from === null ? 'false' : `day < DATE ${quoted(from)}`;
      const [kept, gone] = (
        await connection.runAndReadAll(
          `SELECT count(*) FILTER (NOT (${due}))::DOUBLE, count(*) FILTER (${due})::DOUBLE FROM ${rowsOf(parts)}`,
        )
      ).getRows()[0] as [number, number];
      if (kept === 0) for (const { path } of parts) rmSync(path);
      else {
        const folder = join(stageParts(dataDir), `month=${month}`);
        mkdirSync(folder);
        const file = join(folder, 'part.tmp');
        const columns = REPORT_COLUMNS.map(({ name }) => name).join(', ');
        await connection.run(`
          COPY (SELECT ${columns} FROM ${reportRowsOf(parts)} WHERE NOT (${due}) ORDER BY ${FILE_ORDER})
          TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`);
        sealPart(file, folder, parts);
        commitParts(dataDir);
      }
      return gone;
    },
    close,
  };
}
