import type { Instant } from '../clock.ts';
import type { Observation } from './observation.ts';

/**
 * What one vantage has seen of one subject under one code: the row of the last look that saw it, and the run of looks it
 * ends. It stands now when `at` is `last_look`.
 */
export interface Standing extends Observation {
  /** The first look with this code since one that speaks against it (see below), within the window. */
  readonly since: Instant;
  /** Rows with this code from `since` to `at`. */
  readonly looks: number;
  /** The last look at this subject from this vantage, whatever it saw. */
  readonly last_look: Instant;
  /** Looks after `at` that saw the subject without this code; null when there was none. Unknown looks are none. */
  readonly cleared: { readonly looks: number; readonly first: Instant; readonly last: Instant } | null;
}

/** From the one to the other, both included, by `at`. */
export interface ObservationWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/*
 * How looks add up: the only place that says so. SQL text over the columns of observation.ts, run by
 * io/store/observation-files.ts. `rows` is any relation with those columns and the place each row stands at (`file_index`,
 * `file_row_number`); the table `managed(domain)` holds the domains asked for.
 *
 *  1. A subject is a vantage, domain, kind, subject and address; a look is one moment at which it was looked at.
 *  2. The run of a fault ends with a look that was sound, the run of soundness with a fault: an unknown look in between says
 *     nothing and breaks neither. The run of an unknown ends with any look that saw something.
 *  3. Of one domain also the rows without a domain are given: they tell what the vantage could see at all.
 */

export interface StandingStatements {
  /** These make the tables that the last one reads, in this order. */
  readonly tables: readonly string[];
  /** `file, row, since, looks, last_look`, then looks, first and last of `cleared`; times in seconds of the epoch. */
  readonly standings: string;
  /** Removes those tables when that is read: they hold every look of the window. */
  readonly drop: string;
}

export function standingStatements(rows: string, { from, to }: ObservationWindow): StandingStatements {
  return {
    tables: [
      `CREATE OR REPLACE TEMP TABLE seen AS
      SELECT
        hash(vantage, domain, kind, subject, address) AS subject,
        (hash(outcome, code) >> 32)::UINTEGER AS code,
        CASE outcome WHEN 'ok' THEN 0 WHEN 'bad' THEN 1 ELSE 2 END::UTINYINT AS outcome,
        epoch("at")::UINTEGER AS moment,
        (file_index::UBIGINT << 32) | file_row_number::UBIGINT AS place
      FROM ${rows}
      WHERE "at" BETWEEN TIMESTAMPTZ '${from}' AND TIMESTAMPTZ '${to}'
        AND (domain IS NULL OR domain IN (SELECT domain FROM managed))`,
      // The latest by a number of 64 bits: by others the database takes twice as long.
      `CREATE OR REPLACE TEMP TABLE code_seen AS
      SELECT subject, code, any_value(outcome) AS outcome, max(moment) AS moment, arg_max(place, moment::BIGINT) AS place,
        min(moment) AS first, count(*) AS looks
      FROM seen GROUP BY subject, code`,
      // Almost every subject was always the same: only the others need a second look at their rows.
      `CREATE OR REPLACE TEMP TABLE mixed AS
      SELECT seen.* FROM seen
      SEMI JOIN (SELECT subject FROM code_seen GROUP BY subject HAVING count(*) > 1) AS changed USING (subject)`,
      `CREATE OR REPLACE TEMP TABLE run AS
      WITH broken AS (
        SELECT code_seen.subject, code_seen.code, max(mixed.moment) AS moment
        FROM code_seen JOIN mixed ON mixed.subject = code_seen.subject AND mixed.moment < code_seen.moment
        WHERE CASE code_seen.outcome WHEN 0 THEN mixed.outcome = 1 WHEN 1 THEN mixed.outcome = 0 ELSE mixed.outcome < 2 END
        GROUP BY code_seen.subject, code_seen.code
      )
      SELECT mixed.subject, mixed.code, min(mixed.moment) AS first, count(*) AS looks
      FROM mixed JOIN broken ON broken.subject = mixed.subject AND broken.code = mixed.code AND mixed.moment > broken.moment
      GROUP BY mixed.subject, mixed.code`,
      `CREATE OR REPLACE TEMP TABLE cleared AS
      SELECT code_seen.subject, code_seen.code, count(DISTINCT mixed.moment) AS looks, min(mixed.moment) AS first, max(mixed.moment) AS last
      FROM code_seen JOIN mixed ON mixed.subject = code_seen.subject AND mixed.moment > code_seen.moment
      WHERE mixed.outcome < 2
      GROUP BY code_seen.subject, code_seen.code`,
    ],
    standings: `
      SELECT
        (place >> 32)::INTEGER AS file, (place & 4294967295)::INTEGER AS row,
        coalesce(run.first, code_seen.first)::INTEGER AS since, coalesce(run.looks, code_seen.looks)::INTEGER AS looks,
        (max(moment) OVER (PARTITION BY subject))::INTEGER AS last_look,
        cleared.looks::INTEGER, cleared.first::INTEGER, cleared.last::INTEGER
      FROM code_seen LEFT JOIN run USING (subject, code) LEFT JOIN cleared USING (subject, code)
      ORDER BY file, row`,
    drop: ['seen', 'code_seen', 'mixed', 'run', 'cleared'].map((table) => `DROP TABLE ${table}`).join(';'),
  };
}
