import type { DuckDBConnection } from '@duckdb/node-api';
import type { Observation } from '../../core/probe/observation.ts';
import { eachRow, quoted } from './duckdb.ts';
import { OBSERVATION_JSON, observationOf } from './observation-rows.ts';
import type { PartFile } from './part-files.ts';

/** Of each file the rows that are wanted, by their number in it, with what is known of each already. */
export type Places<T> = ReadonlyMap<PartFile, ReadonlyMap<number, T>>;

/** The places that `sql` names in its first two columns, file and row; `known` reads the rest. */
export async function placesOf<T>(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  sql: string,
  known: (cell: (column: number) => unknown) => T,
): Promise<Places<T>> {
  const places = new Map<PartFile, Map<number, T>>();
  await eachRow(connection, sql, (cell) => {
    const part = parts[Number(cell(0))];
    if (part === undefined) return;
    const rows = places.get(part) ?? new Map<number, T>();
    places.set(part, rows);
    rows.set(Number(cell(1)), known(cell));
  });
  return places;
}

/** Reads whole rows, texts and facts with them, of these places alone. */
export async function readPlaces<T>(
  connection: DuckDBConnection,
  places: Places<T>,
  take: (observation: Observation, known: T) => void,
): Promise<void> {
  for (const [part, rows] of places) {
    await connection.run('CREATE OR REPLACE TEMP TABLE wanted (row INTEGER)');
    const appender = await connection.createAppender('wanted');
    for (const row of rows.keys()) {
      appender.appendInteger(row);
      appender.endRow();
    }
    appender.closeSync();
    const from = `read_parquet(${quoted(part.path)}, hive_partitioning = false, file_row_number = true)`;
    const sql = `SELECT file_row_number::INTEGER, ${OBSERVATION_JSON} FROM ${from} SEMI JOIN wanted ON row = file_row_number`;
    await eachRow(connection, sql, (cell) => {
      const known = rows.get(cell(0) as number);
      if (known !== undefined) take(observationOf(cell(1) as string), known);
    });
  }
}
