import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from './duckdb.ts';
import { commitParts, type PartFile, sealPart, stageParts } from './part-files.ts';
import { rowsOf } from './readable-parts.ts';

export const FIGURES = 'figures';

/** How figures are written: the columns in order with their types, and the order of the file. */
export interface FigureFormat {
  readonly columns: Readonly<Record<string, string>>;
  readonly order: string;
}

export interface FigureSource {
  /** Tables to make first. */
  readonly tables: readonly string[];
  readonly select: string;
}

/**
 * Stores the daily figures of one month in place of those there were. Days that the new ones do not tell of keep theirs:
 * their rows are gone. Figures before `from` are left out. The caller holds the lock of the store.
 */
export async function writeFigures(
  connection: DuckDBConnection,
  dataDir: string,
  month: string,
  {
    source,
    stored,
    from,
    format,
  }: {
    /** Null: nothing new, only old days to leave out. */
    readonly source: FigureSource | null;
    readonly stored: readonly PartFile[];
    readonly from: string | null;
    readonly format: FigureFormat;
  },
): Promise<void> {
  const columns = Object.entries(format.columns).map(([name, type]) => `${name}::${type} AS ${name}`);
  await connection.run('DROP TABLE IF EXISTS figure');
  for (const table of source?.tables ?? []) await connection.run(table);
  const empty = Object.entries(format.columns).map(([name, type]) => `${name} ${type}`);
  await connection.run(`CREATE TEMP TABLE figure (${empty.join(', ')})`);
  if (source !== null) await connection.run(`INSERT INTO figure SELECT ${columns.join(', ')} FROM (${source.select})`);
  if (stored.length > 0) {
    await connection.run(`
      INSERT INTO figure SELECT ${columns.join(', ')} FROM ${rowsOf(stored)}
      WHERE day NOT IN (SELECT DISTINCT day FROM figure)`);
  }
  if (from !== null) await connection.run(`DELETE FROM figure WHERE day < DATE ${quoted(from)}`);
  const staging = stageParts(dataDir, FIGURES);
  const folder = join(staging, `month=${month}`);
  mkdirSync(folder);
  const file = join(folder, 'part.tmp');
  await connection.run(
    `COPY (FROM figure ORDER BY ${format.order}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  sealPart(file, folder, stored);
  commitParts(dataDir, FIGURES);
  await connection.run('DROP TABLE figure');
}
