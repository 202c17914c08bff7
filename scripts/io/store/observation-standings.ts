import type { DuckDBConnection } from '@duckdb/node-api';
import type { Standing, StandingStatements } from '../../core/probe/standing.ts';
import { placesOf, readPlaces } from './observation-places.ts';
import { instantsOfSeconds } from './observation-rows.ts';
import type { PartFile } from './part-files.ts';

/** Times and places come from narrow tables; texts and facts are read last, and only of the rows that stand. */
export async function readStandings(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  statements: StandingStatements,
): Promise<readonly Standing[]> {
  for (const sql of statements.tables) await connection.run(sql);
  const instantOf = instantsOfSeconds();
  const places = await placesOf(connection, parts, statements.standings, (cell) => {
    const number = (column: number): number => Number(cell(column));
    const cleared =
      cell(5) === null ? null : { looks: number(5), first: instantOf(number(6)), last: instantOf(number(7)) };
    return { since: instantOf(number(2)), looks: number(3), last_look: instantOf(number(4)), cleared };
  });
  await connection.run(statements.drop);
  const standings: Standing[] = [];
  await readPlaces(connection, places, (observation, known) => standings.push({ ...observation, ...known }));
  return standings;
}
