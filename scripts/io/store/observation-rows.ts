import type { Instant } from '../../core/clock.ts';
import type { Observation } from '../../core/probe/observation.ts';
import { OBSERVATION_COLUMNS } from './observation-columns.ts';

/** The columns of an observation as a SELECT list; `observationOf` reads them. */
export const OBSERVATION_LIST = OBSERVATION_COLUMNS.map((name) =>
  name === 'at' ? `strftime("at", '%Y-%m-%dT%H:%M:%SZ') AS "at"` : name,
).join(', ');

/** An observation from the first cells of a row. */
export function observationOf(cell: (column: number) => unknown): Observation {
  const row = Object.fromEntries(OBSERVATION_COLUMNS.map((name, index) => [name, cell(index)]));
  return { ...row, facts: JSON.parse(String(row['facts'])) } as unknown as Observation;
}

export function secondOf(epochSeconds: number): Instant {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}Z` as Instant;
}
