import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, type DuckDBDoubleVector, DuckDBInstance } from '@duckdb/node-api';

export interface Database {
  readonly connection: DuckDBConnection;
  /** A second connection to the same tables, for work that goes on while the first one is used. */
  readonly background: DuckDBConnection;
  readonly close: () => void;
}

/**
 * A DuckDB in memory that loads no code and asks no network. Above the limit of `megabytes` it spills into the system's
 * temporary folder, so that no amount of mail can exhaust the machine.
 */
export async function openDatabase({ megabytes = 400 }: { readonly megabytes?: number } = {}): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${megabytes}MB`,
    temp_directory: join(tmpdir(), `postern-duckdb-${process.pid}`),
    threads: '2',
    // What a large write no longer needs goes back at once: the next one begins with little.
    allocator_flush_threshold: '8MB',
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  const background = await instance.connect();
  return {
    connection,
    background,
    close: () => {
      background.closeSync();
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Every row of a query, chunk by chunk, never the whole result at once. Columns come in the order of the SELECT. */
export async function eachRow(
  connection: DuckDBConnection,
  sql: string,
  take: (row: (column: number) => unknown) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vectors = Array.from({ length: chunk.columnCount }, (_, column) => chunk.getColumnVector(column));
    let row = 0;
    const cell = (column: number): unknown => vectors[column]?.getItem(row);
    for (; row < chunk.rowCount; row += 1) take(cell);
  }
}

/**
 * Every row of a query for five columns of DOUBLE without nulls. For millions of rows: the result is made as a whole, which
 * takes 40 bytes a row and half the time of a stream.
 */
export async function eachNumbers(
  connection: DuckDBConnection,
  sql: string,
  take: (first: number, second: number, third: number, fourth: number, fifth: number) => void,
): Promise<void> {
  const result = await connection.run(sql);
  for (let index = 0; index < result.chunkCount; index += 1) {
    const chunk = result.getChunk(index);
    const { rowCount } = chunk;
    const column = (at: number) => chunk.getColumnVector(at) as DuckDBDoubleVector;
    const [first, second, third, fourth, fifth] = [column(0), column(1), column(2), column(3), column(4)];
    const at = (vector: DuckDBDoubleVector, row: number): number => vector.getItem(row) ?? 0;
    for (let row = 0; row < rowCount; row += 1)
      take(at(first, row), at(second, row), at(third, row), at(fourth, row), at(fifth, row));
  }
}

/** Text as an SQL literal: for paths, which cannot be bound as parameters. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
