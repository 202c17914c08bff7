import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, quoted } from '../store/duckdb.ts';
import { FIGURES } from '../store/figure-files.ts';
import { createManaged } from '../store/managed-domains.ts';
import { listParts } from '../store/part-files.ts';
import { checkParts, reportRowsOf, rowsOf } from '../store/readable-parts.ts';

/** One file below `data/` of the site. */
export interface SiteTable {
  /** `sessions-2026-11.parquet` */
  readonly file: string;
  readonly table: string;
  readonly month: string;
  readonly rows: number;
}

export interface TableRequest {
  readonly dataDir: string;
  readonly folder: string;
  readonly domains: readonly string[];
  /** Months as `2026-11`, oldest first. */
  readonly months: readonly string[];
  /** Daily figures over the rows of a month. */
  readonly figuresOf: (month: string, rows: string) => { readonly tables: readonly string[]; readonly select: string };
  readonly figureColumns: readonly string[];
  /** The tables to hand out, by name, over a relation of figures. */
  readonly tablesOf: (figures: string) => Readonly<Record<string, string>>;
}

/**
 * Writes each table of each month, where it has rows. A month is counted from its rows, and where they are gone taken from the
 * daily figures that were kept of it.
 */
export async function writeSiteTables(request: TableRequest): Promise<readonly SiteTable[]> {
  const { dataDir, folder, domains, months, figuresOf, figureColumns, tablesOf } = request;
  // The pages are made at the same time, and hold the data of the fleet.
  const { connection, close } = await openDatabase({ megabytes: 240 });
  const written: SiteTable[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    await createManaged(connection, domains);
    const wanted = (store: 'reports' | typeof FIGURES) =>
      listParts(dataDir, store).filter(({ month }) => months.includes(month));
    const rows = (await checkParts(connection, dataDir, wanted('reports'))).readable;
    const kept = (await checkParts(connection, dataDir, wanted(FIGURES), [...figureColumns])).readable;
    for (const month of months) {
      const [own, old] = [rows, kept].map((parts) => parts.filter((part) => part.month === month));
      if (own === undefined || old === undefined || own.length + old.length === 0) continue;
      await connection.run('DROP TABLE IF EXISTS site_figure');
      if (own.length > 0) {
        const { tables, select } = figuresOf(month, reportRowsOf(own));
        for (const table of tables) await connection.run(table);
        await connection.run(`CREATE TEMP TABLE site_figure AS ${select}`);
        if (old.length > 0)
          await connection.run(`
            INSERT INTO site_figure BY NAME SELECT ${figureColumns.join(', ')} FROM ${rowsOf(old)}
            WHERE day NOT IN (SELECT DISTINCT day FROM site_figure)`);
      } else {
        await connection.run(`CREATE TEMP TABLE site_figure AS SELECT ${figureColumns.join(', ')} FROM ${rowsOf(old)}`);
      }
      for (const [table, sql] of Object.entries(tablesOf('site_figure'))) {
        const file = `${table}-${month}.parquet`;
        const copied = await connection.runAndReadAll(
          `COPY (${sql}) TO ${quoted(join(folder, file))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)`,
        );
        const count = Number(copied.getRows()[0]?.[0]);
        if (count === 0) rmSync(join(folder, file));
        else written.push({ file, table, month, rows: count });
      }
    }
    return written;
  } finally {
    close();
  }
}
