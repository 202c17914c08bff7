import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { Observation } from '../../core/probe/observation.ts';
import { quoted } from './duckdb.ts';
import {
  OBSERVATION_COLUMNS,
  OBSERVATION_FORMAT,
  OBSERVATION_ORDER,
  OBSERVATION_TYPES,
} from './observation-columns.ts';
import { commitParts, type PartFile, sealPart, stageParts } from './part-files.ts';
import { rowsOf } from './readable-parts.ts';

const STORE = 'observations';
const MONTH_SQL = `strftime("at", '%Y-%m')`;
const LIST = OBSERVATION_COLUMNS.map((name) => `"${name}"`).join(', ');

/**
 * Stores these rows, one file for each month, all at once; rows that are stored already are left out. Returns how many
 * were new. The caller holds the lock of the store.
 */
export async function appendObservations(
  connection: DuckDBConnection,
  dataDir: string,
  rows: Iterable<Observation>,
  stored: readonly PartFile[],
): Promise<number> {
  const columns = OBSERVATION_COLUMNS.map((name) => `"${name}" ${name === 'at' ? 'VARCHAR' : OBSERVATION_TYPES[name]}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE given (${columns.join(', ')})`);
  const appender = await connection.createAppender('given');
  for (const row of rows) appendRow(appender, row);
  appender.closeSync();
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE fresh AS
    SELECT DISTINCT * REPLACE ("at"::TIMESTAMPTZ AS "at") FROM given`);
  await connection.run('DROP TABLE given');
  const months = await column(connection, `SELECT DISTINCT ${MONTH_SQL} FROM fresh ORDER BY 1`);
  const beside = stored.filter(({ month }) => months.includes(month));
  if (beside.length > 0) await forgetStored(connection, beside);
  const counts = await connection.runAndReadAll(
    `SELECT ${MONTH_SQL} AS month, count(*)::INTEGER FROM fresh GROUP BY 1 ORDER BY 1`,
  );
  const staged = counts.getRows() as [string, number][];
  if (staged.length > 0) {
    const staging = stageParts(dataDir, STORE);
    for (const [month] of staged)
      await writePart(connection, staging, month, `SELECT * FROM fresh WHERE ${MONTH_SQL} = ${quoted(month)}`);
    commitParts(dataDir, STORE);
  }
  await connection.run('DROP TABLE fresh');
  return staged.reduce((sum, [, count]) => sum + count, 0);
}

/** Makes one file of the files of each of these months. The caller holds the lock of the store. */
export async function mergeMonths(
  connection: DuckDBConnection,
  dataDir: string,
  months: ReadonlyMap<string, readonly PartFile[]>,
): Promise<void> {
  if (months.size === 0) return;
  const staging = stageParts(dataDir, STORE);
  for (const [month, parts] of months)
    await writePart(connection, staging, month, `SELECT DISTINCT ${LIST} FROM ${rowsOf(parts)}`, parts);
  commitParts(dataDir, STORE);
}

async function writePart(
  connection: DuckDBConnection,
  staging: string,
  month: string,
  rows: string,
  replaced: readonly PartFile[] = [],
): Promise<void> {
  const folder = join(staging, `month=${month}`);
  mkdirSync(folder);
  const file = join(folder, 'part.tmp');
  await connection.run(
    `COPY (SELECT ${LIST} FROM (${rows}) ORDER BY ${OBSERVATION_ORDER}) TO ${quoted(file)} ${OBSERVATION_FORMAT}`,
  );
  sealPart(file, folder, replaced);
}

/** Takes out of `fresh` what stands in these files. Only their rows of the same time are compared. */
async function forgetStored(connection: DuckDBConnection, parts: readonly PartFile[]): Promise<void> {
  const [from, to] = (
    await connection.runAndReadAll('SELECT min("at")::VARCHAR, max("at")::VARCHAR FROM fresh')
  ).getRows()[0] as [string, string];
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE fresh AS
    SELECT * FROM fresh
    EXCEPT
    SELECT ${LIST} FROM ${rowsOf(parts)} WHERE "at" BETWEEN TIMESTAMPTZ ${quoted(from)} AND TIMESTAMPTZ ${quoted(to)}`);
}

function appendRow(appender: DuckDBAppender, row: Observation): void {
  for (const name of OBSERVATION_COLUMNS) {
    const value = row[name];
    if (value === null) appender.appendNull();
    else appender.appendVarchar((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed());
  }
  appender.endRow();
}

async function column(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  return (await connection.runAndReadAll(sql)).getRows().map(([value]) => String(value));
}
