import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBListVector,
  type DuckDBVector,
  ResultReturnType,
} from '@duckdb/node-api';

type NumberVector = DuckDBVector<number>;

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
export async function openDatabase({
  megabytes = 400,
  threads = 2,
}: {
  readonly megabytes?: number;
  readonly threads?: 1 | 2;
} = {}): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${megabytes}MB`,
    temp_directory: join(tmpdir(), `postern-duckdb-${process.pid}`),
    threads: String(threads),
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

/** Every row of a query. Columns come in the order of the SELECT. */
export async function eachRow(
  connection: DuckDBConnection,
  sql: string,
  take: (row: (column: number) => unknown) => void,
): Promise<void> {
  await eachChunk(connection, sql, (chunk) => {
    const vectors = Array.from({ length: chunk.columnCount }, (_, column) => chunk.getColumnVector(column));
    let row = 0;
    const cell = (column: number): unknown => vectors[column]?.getItem(row);
    for (; row < chunk.rowCount; row += 1) take(cell);
  });
}

/**
 * Every item of a query for two numbers and three lists of numbers of one length, without nulls: its row's numbers and an
 * item of each list. For millions of items.
 */
export async function eachItem(
  connection: DuckDBConnection,
  sql: string,
  take: (first: number, second: number, a: number, b: number, c: number) => void,
): Promise<void> {
  await eachChunk(connection, sql, (chunk) => {
    const numbers = (at: number) => chunk.getColumnVector(at) as NumberVector;
    const lists = [2, 3, 4].map((at) => chunk.getColumnVector(at) as DuckDBListVector);
    const [a, b, c] = lists as [DuckDBListVector, DuckDBListVector, DuckDBListVector];
    const [ofA, ofB, ofC] = lists.map((list) => list.childVector) as [NumberVector, NumberVector, NumberVector];
    const [first, second] = [numbers(0), numbers(1)];
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const [one, two] = [first.getItem(row) ?? 0, second.getItem(row) ?? 0];
      const [fromA, fromB, fromC] = [a.getEntryOffset(row), b.getEntryOffset(row), c.getEntryOffset(row)];
      const length = a.getEntryLength(row);
      for (let at = 0; at < length; at += 1)
        take(one, two, ofA.getItem(fromA + at) ?? 0, ofB.getItem(fromB + at) ?? 0, ofC.getItem(fromC + at) ?? 0);
    }
  });
}

/** The result of a query in pieces, never the whole at once. Throws where it breaks off; what was taken until then is a part. */
async function eachChunk(
  connection: DuckDBConnection,
  sql: string,
  take: (chunk: DuckDBDataChunk) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    take(chunk);
  // A damaged file or too little memory in the middle ends a result like any other: nothing else tells.
  if (result.returnType === ResultReturnType.INVALID) throw new Error('The database could not read all rows.');
}

/** Text as an SQL literal: for paths, which cannot be bound as parameters. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
