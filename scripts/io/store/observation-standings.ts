import type { DuckDBConnection } from '@duckdb/node-api';
import type { Standing, StandingStatements } from '../../core/probe/standing.ts';
import { eachRow, quoted } from './duckdb.ts';
import { OBSERVATION_COLUMNS } from './observation-columns.ts';
import { OBSERVATION_LIST, observationOf, secondOf } from './observation-rows.ts';
import type { PartFile } from './part-files.ts';

/** A row of `StandingStatements.standings`, without the file. */
interface Place {
  readonly row: number;
  readonly since: number;
  readonly looks: number;
  readonly last_look: number;
  readonly cleared: Standing['cleared'];
}

/** Times and places come from narrow tables; texts and facts are read last, and only of the rows that stand. */
export async function readStandings(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  statements: StandingStatements,
): Promise<readonly Standing[]> {
  for (const sql of statements.tables) await connection.run(sql);
  const byPart = new Map<PartFile, Map<number, Place>>();
  await eachRow(connection, statements.standings, (cell) => {
    const part = parts[Number(cell(0))];
    if (part === undefined) return;
    const places = byPart.get(part) ?? new Map<number, Place>();
    byPart.set(part, places);
    const place = placeOf(cell);
    places.set(place.row, place);
  });
  const standings: Standing[] = [];
  for (const [part, places] of byPart) await addStandings(connection, part, places, standings);
  return standings;
}

function placeOf(cell: (column: number) => unknown): Place {
  const number = (column: number): number => Number(cell(column));
  const cleared = cell(5) === null ? null : { looks: number(5), first: secondOf(number(6)), last: secondOf(number(7)) };
  return { row: number(1), since: number(2), looks: number(3), last_look: number(4), cleared };
}

async function addStandings(
  connection: DuckDBConnection,
  part: PartFile,
  places: ReadonlyMap<number, Place>,
  standings: Standing[],
): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE wanted (row BIGINT)');
  const appender = await connection.createAppender('wanted');
  for (const row of places.keys()) {
    appender.appendBigInt(BigInt(row));
    appender.endRow();
  }
  appender.closeSync();
  const rows = `read_parquet(${quoted(part.path)}, hive_partitioning = false, file_row_number = true)`;
  const sql = `SELECT ${OBSERVATION_LIST}, file_row_number FROM ${rows} SEMI JOIN wanted ON row = file_row_number`;
  await eachRow(connection, sql, (cell) => {
    const place = places.get(Number(cell(OBSERVATION_COLUMNS.length)));
    if (place === undefined) return;
    const { since, looks, last_look, cleared } = place;
    standings.push({ ...observationOf(cell), since: secondOf(since), looks, last_look: secondOf(last_look), cleared });
  });
}
