import type { DuckDBConnection } from '@duckdb/node-api';
import type { ObservationSpan, SpanStatements } from '../../core/probe/observation-span.ts';
import { placesOf, readPlaces } from './observation-places.ts';
import { instantsOfSeconds } from './observation-rows.ts';
import type { PartFile } from './part-files.ts';

/** Times and places come from a narrow table; texts and facts are read last, and once for each span. */
export async function readSpans(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  { table, spans }: SpanStatements,
): Promise<readonly ObservationSpan[]> {
  await connection.run(table);
  const instantOf = instantsOfSeconds();
  const places = await placesOf(connection, parts, spans, (cell) => ({
    first: instantOf(Number(cell(2))),
    looks: Number(cell(3)),
  }));
  await connection.run('DROP TABLE look');
  const read: ObservationSpan[] = [];
  await readPlaces(connection, places, (observation, known) => read.push({ ...observation, ...known }));
  return read;
}
