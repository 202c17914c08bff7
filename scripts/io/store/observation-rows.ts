import type { Instant } from '../../core/clock.ts';
import type { Observation } from '../../core/probe/observation.ts';
import { OBSERVATION_COLUMNS } from './observation-columns.ts';

/** The columns of an observation in SQL as one text, a JSON list: cells, each by itself, take twice as long to read. */
export const OBSERVATION_JSON = `json_array(${OBSERVATION_COLUMNS.map((name) =>
  name === 'at' ? `strftime("at", '%Y-%m-%dT%H:%M:%SZ')` : name,
).join(', ')})`;

/** An observation from that text. Member by member: hundreds of thousands are made for one site. */
export function observationOf(json: string): Observation {
  const columns = JSON.parse(json) as readonly unknown[];
  return {
    at: columns[AT.at],
    vantage: columns[AT.vantage],
    domain: columns[AT.domain],
    kind: columns[AT.kind],
    subject: columns[AT.subject],
    address: columns[AT.address],
    outcome: columns[AT.outcome],
    code: columns[AT.code],
    facts: JSON.parse(String(columns[AT.facts])),
  } satisfies Record<keyof Observation, unknown> as Observation;
}

/** Where each column stands. */
const AT = Object.fromEntries(OBSERVATION_COLUMNS.map((name, index) => [name, index])) as Record<
  keyof Observation,
  number
>;

/** Seconds of the epoch as instants, each text made once: a fleet has the same few hundred thousands of times. */
export function instantsOfSeconds(): (second: number) => Instant {
  const instants = new Map<number, Instant>();
  return (second) => {
    const known = instants.get(second);
    if (known !== undefined) return known;
    const instant = `${new Date(second * 1000).toISOString().slice(0, 19)}Z` as Instant;
    instants.set(second, instant);
    return instant;
  };
}
