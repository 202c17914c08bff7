import type { Instant } from '../clock.ts';
import type { Observation } from './observation.ts';
import type { ObservationWindow } from './standing.ts';

/** Looks in a row that saw exactly the same: `at` is the last of them. */
export interface ObservationSpan extends Observation {
  readonly first: Instant;
  readonly looks: number;
}

/*
 * How looks fold, as SQL over `rows`: see standing.ts for what that is. A span ends with a look at the same subject that saw
 * something else. Texts and facts are compared by their hash, because there are as many as looks and few of them differ.
 * Most subjects never see again what they saw before something else: then all looks that saw the same are one span, and only
 * the few that return to it are gone through look by look.
 */
export interface SpanStatements {
  /** Makes the table that the other one reads. */
  readonly table: string;
  /** `file, row, first, looks`: where the last look of each span stands; `first` in seconds of the epoch. */
  readonly spans: string;
}

export function spanStatements(rows: string, { from, to }: ObservationWindow): SpanStatements {
  return {
    table: `CREATE OR REPLACE TEMP TABLE look AS
      SELECT
        hash(vantage, domain, kind, subject, address) AS subject, hash(outcome, code, facts) AS content,
        epoch("at")::UINTEGER AS moment, (file_index::UBIGINT << 32) | file_row_number::UBIGINT AS place
      FROM ${rows}
      WHERE "at" BETWEEN TIMESTAMPTZ '${from}' AND TIMESTAMPTZ '${to}' AND domain IN (SELECT domain FROM managed)`,
    // The latest by a number of 64 bits, as in standing.ts.
    spans: `
      WITH seen AS (
        SELECT subject, content, min(moment) AS first, max(moment) AS last, arg_max(place, moment::BIGINT) AS place, count(*) AS looks
        FROM look GROUP BY subject, content
      ), back AS (
        SELECT DISTINCT subject FROM (
          SELECT subject, first, max(last) OVER (
            PARTITION BY subject ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
          FROM seen)
        WHERE first <= until
      ), placed AS (
        SELECT *,
          dense_rank() OVER (PARTITION BY subject ORDER BY moment)
            - row_number() OVER (PARTITION BY subject, content ORDER BY moment) AS island
        FROM look SEMI JOIN back USING (subject)
      ), span AS (
        SELECT place, first, looks FROM seen ANTI JOIN back USING (subject)
        UNION ALL
        SELECT arg_max(place, moment::BIGINT) AS place, min(moment) AS first, count(*) AS looks
        FROM placed GROUP BY subject, content, island
      )
      SELECT (place >> 32)::INTEGER AS file, (place & 4294967295)::INTEGER AS row, first::INTEGER, looks::INTEGER FROM span`,
  };
}

/** By subject, and then as they followed each other. */
export function bySubject(a: ObservationSpan, b: ObservationSpan): number {
  return (
    compare(a.vantage, b.vantage) ||
    compare(a.domain, b.domain) ||
    compare(a.kind, b.kind) ||
    compare(a.subject, b.subject) ||
    compare(a.address, b.address) ||
    compare(a.first, b.first) ||
    compare(a.code, b.code) ||
    compare(JSON.stringify(a.facts), JSON.stringify(b.facts))
  );
}

/** What is null comes last. */
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
