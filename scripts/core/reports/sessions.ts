import type { Day, Instant } from '../clock.ts';
import { BELIEVED_SQL } from './acceptance.ts';

/*
 * How sessions are counted: the only place that says so. SQL text over the columns of rows.ts, run by io/store/piece-figures.ts
 * one month at a time (session-statements.ts). `rows` is any relation with those columns and the place each row stands at (`filename`,
 * `file_row_number`); the table `managed(domain_index, domain)` holds the domains asked for.
 *
 *  1. Only believed reports count (acceptance.ts), and only what was received at or before `now`.
 *  2. One report for each report_key: the one received last, by received_at, then received_order, then SHA-256.
 *     A report with other content under the same key is a conflict: kept, shown apart, not counted.
 *  3. A report belongs to the UTC day of its start (RFC 8460 §4.1), also when its range is longer than a day: it is not
 *     spread over days nobody reported on. Its rows carry the warning `range-long`.
 *  4. Policy types are never added: one session may stand under several (RFC 8460 §4).
 *  5. A missing count is unknown, not 0: the entry is counted in `unknown_entries`.
 *  6. Failure categories overlap (RFC 8460 §4): the rate comes from the summary, the categories from the details, and what
 *     the details do not explain, max(0, failed − sum of details), is `unspecified`.
 *  7. A summary that counts no failure beside details that do is not a success: the largest detail is the failure count.
 *  8. A report names no policy version. The policy-string of an `sts` entry tells it: sessions are also counted for each
 *     policy a reporter applied, several on one day when its servers hold several. propagation.ts finds the version.
 */

export interface SessionWindow {
  readonly from: Day;
  readonly to: Day;
  readonly now: Instant;
}

/** Rule 7. */
export const FAILED_SQL = `
  CASE
    WHEN failed_sessions = 0 AND len(failure_details) > 0
      THEN coalesce(list_max(list_transform(failure_details, lambda detail: detail.failed_sessions)), 0)
    ELSE failed_sessions
  END`;

/** Tells one stored row from any other. */
export const ROW_ID = 'xor(hash(filename), file_row_number::UBIGINT)';

/** Rule 1, as far as it is about time. */
export function withinSql({ from, to, now }: SessionWindow): string {
  return `day BETWEEN DATE '${from}' AND DATE '${to}' AND received_at <= TIMESTAMPTZ '${now}'`;
}

/** The tables that rule 2 needs, in this order. */
export function supersededTables(rows: string, window: SessionWindow): readonly string[] {
  return [oftenSql(rows, window), contestedSql(rows, window), supersededSql(rows, window)];
}

/**
 * Copies of one report have the reporter, the day and the policy domains in common (identity.ts): where a reporter told of
 * each domain once a day there are none, and the identities, which are long and all different, need not be read.
 */
function oftenSql(rows: string, window: SessionWindow): string {
  return `
    CREATE OR REPLACE TEMP TABLE often AS
    SELECT hash(policy_domain) AS domain, hash(reporter) AS reporter FROM ${rows}
    WHERE ${withinSql(window)} AND ${BELIEVED_SQL}
    GROUP BY ALL HAVING count(*) > bit_count(bit_or(1::BIGINT << dayofmonth(day)))`;
}

/** Identities that more than one stored copy claims: each copy has one first entry, or is one row without any. */
function contestedSql(rows: string, window: SessionWindow): string {
  return `
    CREATE OR REPLACE TEMP TABLE contested AS
    SELECT hash(report_key) AS key FROM ${rows} AS stored
    SEMI JOIN often ON often.domain = hash(stored.policy_domain) AND often.reporter = hash(stored.reporter)
    WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND coalesce(policy_index, 0) = 0
    GROUP BY key HAVING count(*) > 1`;
}

/** The rows that rule 2 leaves out; `conflict` where the content differs from the one that counts. */
function supersededSql(rows: string, window: SessionWindow): string {
  return `
    CREATE OR REPLACE TEMP TABLE superseded AS
    WITH copy AS (
      SELECT report_key, ${ROW_ID} AS row_id, report_sha256,
        ROW(received_at, received_order, report_sha256, source_sha256, filename) AS rank
      FROM ${rows}
      WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND hash(report_key) IN (SELECT key FROM contested)
    ), chosen AS (
      SELECT report_key, max(rank) AS rank, arg_max(report_sha256, rank) AS report_sha256 FROM copy GROUP BY report_key
    )
    SELECT row_id, copy.report_sha256 <> chosen.report_sha256 AS conflict
    FROM copy JOIN chosen USING (report_key) WHERE copy.rank <> chosen.rank`;
}

/**
 * What else must count the same entries: `tables` are run first, then `entries` is a relation of all believed entries that
 * count (rules 1, 2 and 7), ours or not, with every column of the rows and `failed`.
 */
export function countedEntries(
  rows: string,
  window: SessionWindow,
): { readonly tables: readonly string[]; readonly entries: string } {
  return {
    tables: supersededTables(rows, window),
    entries: `(
      SELECT *, ${FAILED_SQL} AS failed FROM ${rows}
      WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND policy_type IS NOT NULL
        AND ${ROW_ID} NOT IN (SELECT row_id FROM superseded))`,
  };
}

/** Rule 6: what the failing ones of these entries say of their failures, with the columns `keys` of the entry. */
export function categoriesSql(keys: string, entries: string): string {
  return `
    SELECT
      ${keys},
      detail.result_type AS result_type,
      lower(detail.receiving_mx_hostname) AS mx,
      coalesce(detail.failed_sessions, 0) AS sessions,
      left(detail.failure_reason_code, 500) AS reason
    FROM (SELECT ${keys}, unnest(failure_details) AS detail FROM ${entries} WHERE failed > 0)
    UNION ALL
    SELECT
      ${keys}, 'unspecified', NULL,
      failed - coalesce(list_sum(list_transform(failure_details, lambda detail: detail.failed_sessions)), 0), NULL
    FROM ${entries}
    WHERE failed > coalesce(list_sum(list_transform(failure_details, lambda detail: detail.failed_sessions)), 0)`;
}
