import type { Instant } from '../clock.ts';
import type { Observation } from './observation.ts';
import type { ObservationWindow } from './standing.ts';

/** Looks in a row that saw exactly the same: `at` is the last of them. */
export interface ObservationSpan extends Observation {
  readonly first: Instant;
  readonly looks: number;
}

/**
 * What was seen of the domains in the table `managed(domain)`, folded into spans, as SQL over `rows` with the columns of
 * observation.ts: a span ends with a look at the same subject that saw something else. `list` is the SELECT list of an
 * observation; `first` and `looks` follow it.
 */
export function spansSql(rows: string, list: string, { from, to }: ObservationWindow): string {
  const subject = 'vantage, domain, kind, subject, address';
  return `
    WITH look AS (
      SELECT *,
        dense_rank() OVER (PARTITION BY ${subject} ORDER BY "at")
          - row_number() OVER (PARTITION BY ${subject}, outcome, code, facts ORDER BY "at") AS island
      FROM ${rows}
      WHERE "at" BETWEEN TIMESTAMPTZ '${from}' AND TIMESTAMPTZ '${to}' AND domain IN (SELECT domain FROM managed)
    ), span AS (
      SELECT max("at") AS "at", ${subject}, outcome, code, facts, min("at") AS first, count(*) AS looks
      FROM look GROUP BY ${subject}, outcome, code, facts, island
    )
    SELECT ${list}, epoch(first)::INTEGER AS first, looks::INTEGER AS looks FROM span
    ORDER BY ${subject}, span.first, code, facts`;
}
