import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { type Database, quoted } from './duckdb.ts';
import { commitParts, sealPart, stageParts } from './part-files.ts';
import { FILE_ORDER, REPORT_COLUMNS } from './report-columns.ts';
import { monthOfLine, rowsOfLinesSql } from './row-line.ts';

/** What is held in memory before it is written. */
const PENDING_ROWS = 20_000;
const PENDING_BYTES = 64 * 2 ** 20;
const COLUMNS = REPORT_COLUMNS.map(({ name }) => name).join(', ');

/**
 * Writes report rows as Parquet, one file for each month and commit. Nothing is stored before `flush` has returned; what
 * one flush stores is stored at once, whichever months it touches.
 */
export class ReportWriter {
  readonly #database: Database;
  readonly #dataDir: string;
  /** Of each month, what writes to the table of its lines. They are taken apart on the way into the file, and not before. */
  readonly #months = new Map<string, DuckDBAppender>();
  #rows = 0;
  #bytes = 0;

  constructor(database: Database, dataDir: string) {
    this.#database = database;
    this.#dataDir = dataDir;
  }

  /** True when it is time to flush; asked between sources, so that all reports of one source are stored together. */
  get full(): boolean {
    return this.#rows >= PENDING_ROWS || this.#bytes >= PENDING_BYTES;
  }

  /** Takes rows as lines (row-line.ts). */
  async add(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const month = monthOfLine(line);
      const table = this.#months.get(month) ?? (await this.#openMonth(month));
      table.appendVarchar(line);
      table.endRow();
      this.#rows += 1;
      this.#bytes += line.length;
    }
  }

  async #openMonth(month: string): Promise<DuckDBAppender> {
    const { connection } = this.#database;
    await connection.run(`CREATE TABLE ${tableOf(month)} (line VARCHAR)`);
    const appender = await connection.createAppender(nameOf(month));
    this.#months.set(month, appender);
    return appender;
  }

  /** Stores everything added since the last flush. */
  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    const { connection, background } = this.#database;
    for (const appender of this.#months.values()) appender.closeSync();
    const staging = stageParts(this.#dataDir);
    const months = [...this.#months.keys()].sort();
    // So few rows are written by one thread: two months at a time keep both busy.
    const writeMonths = async (one: DuckDBConnection): Promise<void> => {
      for (let month = months.shift(); month !== undefined; month = months.shift())
        await writePart(one, staging, month);
    };
    await Promise.all([writeMonths(connection), writeMonths(background)]);
    commitParts(this.#dataDir);
    for (const month of this.#months.keys()) await connection.run(`DROP TABLE ${tableOf(month)}`);
    this.#months.clear();
    this.#rows = 0;
    this.#bytes = 0;
  }
}

function nameOf(month: string): string {
  return `lines ${month}`;
}

function tableOf(month: string): string {
  return `"${nameOf(month)}"`;
}

async function writePart(connection: DuckDBConnection, staging: string, month: string): Promise<void> {
  const folder = join(staging, `month=${month}`);
  mkdirSync(folder);
  const file = join(folder, 'part.tmp');
  await connection.run(`
    COPY (SELECT ${COLUMNS} FROM (${rowsOfLinesSql(tableOf(month))}) ORDER BY ${FILE_ORDER})
    TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`);
  sealPart(file, folder);
}
