import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { LookDay } from '../../core/month/lists.ts';
import { eachRow, openDatabase, quoted } from '../store/duckdb.ts';
import { OBSERVATION_COLUMNS, OBSERVATION_ORDER } from '../store/observation-columns.ts';
import { listParts, type PartStore, sealPart } from '../store/part-files.ts';
import { checkParts, reportRowsOf, rowsOf, type UnreadablePart } from '../store/readable-parts.ts';
import { FILE_ORDER, REPORT_COLUMNS } from '../store/report-columns.ts';

interface Rows {
  readonly store: PartStore;
  readonly columns: readonly string[];
  readonly order: string;
  /** The column that says when a row became known. */
  readonly known: string;
}

const STORES: readonly Rows[] = [
  { store: 'reports', columns: REPORT_COLUMNS.map(({ name }) => name), order: FILE_ORDER, known: 'received_at' },
  { store: 'observations', columns: OBSERVATION_COLUMNS, order: OBSERVATION_ORDER, known: '"at"' },
];

export interface ExportedRows {
  readonly looks: readonly LookDay[];
  /** Stored files that could not be read: what they held is missing, and the month says so. */
  readonly unreadable: readonly UnreadablePart[];
}

/**
 * Copies the rows of one month that were known at `known` into `<target>/reports/month=…/` and `<target>/observations/…`,
 * one file each, in the order and under the name that the same rows always get: `target` is a data folder of its own.
 */
export async function exportMonthRows(
  dataDir: string,
  target: string,
  { month, known }: { readonly month: string; readonly known: string },
): Promise<ExportedRows> {
  const { connection, close } = await openDatabase();
  try {
    const unreadable: UnreadablePart[] = [];
    let looks: readonly LookDay[] = [];
    for (const rows of STORES) {
      const parts = listParts(dataDir, rows.store).filter((part) => part.month === month);
      const checked = await checkParts(connection, dataDir, parts, rows.columns);
      unreadable.push(...checked.unreadable);
      if (checked.readable.length === 0) continue;
      const from = rows.store === 'reports' ? reportRowsOf(checked.readable) : rowsOf(checked.readable);
      const select = `FROM ${from} WHERE ${rows.known} <= TIMESTAMPTZ ${quoted(known)}`;
      await copyRows(connection, rows, select, join(target, rows.store, `month=${month}`));
      if (rows.store === 'observations') looks = await lookDays(connection, select);
    }
    return { looks, unreadable };
  } finally {
    close();
  }
}

async function copyRows(connection: DuckDBConnection, rows: Rows, select: string, folder: string): Promise<void> {
  const count = await connection.runAndReadAll(`SELECT count(*) ${select}`);
  if (Number(count.getRows()[0]?.[0] ?? 0) === 0) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'part.tmp');
  await connection.run(`
    COPY (SELECT ${rows.columns.map((name) => `"${name}"`).join(', ')} ${select} ORDER BY ${rows.order})
    TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`);
  sealPart(file, folder);
}

async function lookDays(connection: DuckDBConnection, select: string): Promise<readonly LookDay[]> {
  const days: LookDay[] = [];
  const sql = `
    SELECT strftime("at", '%Y-%m-%d') AS day, vantage, count(DISTINCT "at")::INTEGER, count(*)::INTEGER,
      count(*) FILTER (outcome = 'unknown')::INTEGER
    ${select} GROUP BY ALL ORDER BY ALL`;
  await eachRow(connection, sql, (cell) => {
    const [looks, rows, unknown] = [cell(2), cell(3), cell(4)].map(Number);
    days.push({
      day: String(cell(0)),
      vantage: String(cell(1)),
      looks: looks ?? 0,
      rows: rows ?? 0,
      unknown: unknown ?? 0,
    });
  });
  return days;
}
