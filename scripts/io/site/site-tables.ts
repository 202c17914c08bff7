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
  /** The columns that are read of daily figures. */
  readonly figureColumns: readonly string[];
  /** The tables of a month over relations of its rows and of its daily figures, by name, after statements that are run `first`. */
  readonly tablesOf: (
    month: string,
    parts: { readonly rows: string | null; readonly figures: string | null },
  ) => { readonly first: readonly string[]; readonly tables: Readonly<Record<string, string>> } | null;
}

/**
 * Writes each table of each month, where it has rows. A month is counted from its rows, and where they are gone taken from the
 * daily figures that were kept of it.
 */
export async function writeSiteTables(request: TableRequest): Promise<readonly SiteTable[]> {
  const { dataDir, folder, domains, months, figureColumns, tablesOf } = request;
  // The pages are made at the same time: they hold the data of the fleet, and have the other processor.
  const { connection, close } = await openDatabase({ megabytes: 240, threads: 1 });
  const written: SiteTable[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    await createManaged(connection, domains);
    const partsOf = (store: 'reports' | typeof FIGURES) =>
      listParts(dataDir, store).filter(({ month }) => months.includes(month));
    const rows = (await checkParts(connection, dataDir, partsOf('reports'))).readable;
    const kept = (await checkParts(connection, dataDir, partsOf(FIGURES), [...figureColumns])).readable;
    for (const month of months) {
      const [own, old] = [rows, kept].map((parts) => parts.filter((part) => part.month === month));
      if (own === undefined || old === undefined) continue;
      const wanted = tablesOf(month, {
        rows: own.length === 0 ? null : reportRowsOf(own),
        figures: old.length === 0 ? null : `(SELECT ${figureColumns.join(', ')} FROM ${rowsOf(old)})`,
      });
      if (wanted === null) continue;
      for (const statement of wanted.first) await connection.run(statement);
      for (const [table, sql] of Object.entries(wanted.tables)) {
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
