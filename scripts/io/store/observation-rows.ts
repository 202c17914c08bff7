import type { Instant } from '../../core/clock.ts';
import type { Observation } from '../../core/probe/observation.ts';
import { OBSERVATION_COLUMNS } from './observation-columns.ts';

/** The columns of an observation as a SELECT list; `observationOf` reads them. */
export const OBSERVATION_LIST = OBSERVATION_COLUMNS.map((name) =>
  name === 'at' ? `strftime("at", '%Y-%m-%dT%H:%M:%SZ') AS "at"` : name,
).join(', ');

/** An observation from the first cells of a row. Member by member: hundreds of thousands are made for one site. */
export function observationOf(cell: (column: number) => unknown): Observation {
  return {
    at: cell(AT.at),
    vantage: cell(AT.vantage),
    domain: cell(AT.domain),
    kind: cell(AT.kind),
    subject: cell(AT.subject),
    address: cell(AT.address),
    outcome: cell(AT.outcome),
    code: cell(AT.code),
    facts: JSON.parse(String(cell(AT.facts))),
  } satisfies Record<keyof Observation, unknown> as Observation;
}

/** Where each column stands. */
const AT = Object.fromEntries(OBSERVATION_COLUMNS.map((name, index) => [name, index])) as Record<
  keyof Observation,
  number
>;

export function secondOf(epochSeconds: number): Instant {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}Z` as Instant;
}
