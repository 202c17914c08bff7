import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { constantColumns } from './constant-columns.ts';
import { type Database, quoted } from './duckdb.ts';
import { commitParts, sealPart, stageParts } from './part-files.ts';
import { FILE_ORDER, REPORT_COLUMNS } from './report-columns.ts';
import { type JoinedLines, joinLines, rowsOfLinesSql } from './row-line.ts';

/** What is held in memory before it is written. */
const PENDING_ROWS = 20_000;
const PENDING_BYTES = 64 * 2 ** 20;
/** Rows that are handed over to DuckDB's threads at a time, while the next are being read. */
const BATCH_ROWS = 4096;
const COLUMNS = REPORT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');

/**
 * Writes report rows as Parquet, one file for each month and commit. Nothing is stored before `flush` has returned; what
 * one flush stores is stored at once, whichever months it touches.
 */
export class ReportWriter {
  readonly #database: Database;
  readonly #dataDir: string;
  /** Not handed over yet. */
  #lines: JoinedLines[] = [];
  #waiting = 0;
  #rows = 0;
  #bytes = 0;
  #tables = 0;
  /** Tables of lines that were handed over and are not taken apart yet. */
  readonly #untyped: string[] = [];
  /** The work of DuckDB's threads on them. */
  #typing: Promise<void> = Promise.resolve();

  constructor(database: Database, dataDir: string) {
    this.#database = database;
    this.#dataDir = dataDir;
  }

  /** True when it is time to flush; asked between sources, so that all reports of one source are stored together. */
  get full(): boolean {
    return this.#rows >= PENDING_ROWS || this.#bytes >= PENDING_BYTES;
  }

  /** Takes rows as lines (row-line.ts). */
  add(lines: readonly string[]): void {
    this.addJoined(joinLines(lines));
  }

  addJoined(lines: JoinedLines): void {
    if (lines.rows === 0) return;
    this.#lines.push(lines);
    this.#waiting += lines.rows;
    this.#rows += lines.rows;
    this.#bytes += lines.bytes.length;
  }

  /** Gives what has gathered to DuckDB, which takes it apart in its own threads while more is being read. */
  async handOver(options: { readonly all: boolean } = { all: false }): Promise<void> {
    if (this.#waiting < (options.all ? 1 : BATCH_ROWS)) return;
    const { connection, background } = this.#database;
    const table = `lines_${this.#tables}`;
    if (this.#tables === 0) await connection.run(`CREATE TABLE typed (${COLUMNS})`);
    await connection.run(`CREATE TABLE ${table} (lines BLOB)`);
    const appender = await connection.createAppender(table);
    for (const { bytes } of this.#lines) {
      appender.appendBlob(bytes);
      appender.endRow();
    }
    appender.closeSync();
    this.#untyped.push(table);
    this.#typing = this.#typing.then(() => this.#type(background));
    // Flush awaits it; a failure before that is not an unhandled one.
    this.#typing.catch(() => {});
    this.#tables += 1;
    this.#lines = [];
    this.#waiting = 0;
  }

  /** Takes apart what waits. */
  async #type(connection: DuckDBConnection): Promise<void> {
    for (let table = this.#untyped.shift(); table !== undefined; table = this.#untyped.shift()) {
      await connection.run(`INSERT INTO typed ${rowsOfLinesSql(table)}`);
      await connection.run(`DROP TABLE ${table}`);
    }
  }

  /** Stores everything added since the last flush. */
  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    await this.handOver({ all: true });
    const { connection, background } = this.#database;
    // Nothing more comes: now both connections take apart what is left.
    await Promise.all([this.#typing, this.#type(connection)]);
    const staging = stageParts(this.#dataDir);
    const found = await connection.runAndReadAll(
      "SELECT DISTINCT strftime(day, '%Y-%m') AS month FROM typed ORDER BY month",
    );
    const months = found.getRows().map(([month]) => String(month));
    const constant = await constantColumns(connection, 'typed');
    // So few rows are written by one thread: two months at a time keep both busy.
    const writeMonths = async (one: DuckDBConnection): Promise<void> => {
      for (let month = months.shift(); month !== undefined; month = months.shift())
        await writePart(one, staging, month, constant);
    };
    await Promise.all([writeMonths(connection), writeMonths(background)]);
    commitParts(this.#dataDir);
    await connection.run('DROP TABLE typed');
    this.#tables = 0;
    this.#rows = 0;
    this.#bytes = 0;
  }
}

/** `constant`: what need not be sorted (constant-columns.ts). */
async function writePart(
  connection: DuckDBConnection,
  staging: string,
  month: string,
  constant: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = join(staging, `month=${month}`);
  mkdirSync(folder);
  const file = join(folder, 'part.tmp');
  const varying = REPORT_COLUMNS.map(({ name }) => name).filter((name) => !constant.has(name));
  const columns = REPORT_COLUMNS.map(({ name }) => constant.get(name) ?? name);
  await connection.run(`
    COPY (
      SELECT ${columns.join(', ')} FROM (
        SELECT ${varying.join(', ')} FROM typed WHERE strftime(day, '%Y-%m') = ${quoted(month)} ORDER BY ${FILE_ORDER}
      )
    ) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`);
  sealPart(file, folder);
}
