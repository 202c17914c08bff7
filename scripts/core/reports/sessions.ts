import type { Day, Instant } from '../clock.ts';
import { BELIEVED_SQL } from './acceptance.ts';
import { attributedSql } from './attribution.ts';

/*
 * How sessions are counted: the only place that says so. SQL text over the columns of rows.ts, one month at a time, run by
 * io/store/month-figures.ts. `rows` is any relation with those columns and the place each row stands at (`filename`,
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

/** Policy types by the number that stands for them in the results, in the order of their names. */
const POLICY_TYPES = ['no-policy-found', 'other', 'sts', 'tlsa'] as const;

/** All statements over the rows of one month. Days in their results are days of the month. */
export interface SessionStatements {
  /** These make the tables that the others read, in this order. */
  readonly tables: readonly string[];
  readonly cells: string;
  readonly policyTypes: readonly string[];
  readonly failing: string;
  readonly failures: string;
  readonly reporters: string;
  readonly applied: string;
  readonly apart: string;
  readonly subdomains: string;
  /** `digest, text` in the order of the numbers that stand for the texts in the results. */
  readonly reporterNames: string;
  readonly organizationNames: string;
  readonly policies: string;
}

export function sessionStatements(rows: string, window: SessionWindow): SessionStatements {
  return {
    tables: [
      entryTableSql(rows, window),
      CONTESTED_SQL,
      supersededSql(rows, window),
      COUNTED_SQL,
      namesSql(rows, 'reporter', window),
      namesSql(rows, 'organization_name', window),
      policiesSql(rows, window),
      APART_SQL,
    ],
    cells: CELLS_SQL,
    policyTypes: POLICY_TYPES,
    failing: FAILING_SQL,
    failures: FAILURES_SQL,
    reporters: REPORTERS_SQL,
    applied: APPLIED_POLICIES_SQL,
    apart: apartCountsSql(rows, window),
    subdomains: subdomainsSql(rows, window),
    reporterNames: textsSql('reporter'),
    organizationNames: textsSql('organization_name'),
    policies: textsSql('policy'),
  };
}

/**
 * The narrow table `entry` that all figures come from: each stored policy entry in the window, ours or not, believed or
 * not. Texts are 64-bit digests, and what a report says of its failures is only kept where it does.
 */
function entryTableSql(rows: string, window: SessionWindow): string {
  return `
    CREATE OR REPLACE TEMP TABLE entry AS
    SELECT
      domain_index,
      ${BELIEVED_SQL} AS believed,
      ${ROW_ID} AS row_id,
      hash(report_key) AS key,
      policy_index,
      day,
      received_at,
      policy_type,
      hash(reporter) AS reporter,
      CASE WHEN organization_name IS NOT NULL THEN hash(organization_name) END AS organization,
      CASE WHEN policy_type = 'sts' AND policy_string IS NOT NULL THEN hash(policy_string) END AS policy,
      successful_sessions AS successful,
      ${FAILED_SQL} AS failed,
      CASE WHEN len(failure_details) > 0 THEN failure_details END AS failure_details,
      CASE WHEN failed_sessions > 0 OR len(failure_details) > 0 THEN report_sha256 END AS report_sha256
    FROM ${attributedSql(`(SELECT * FROM ${rows} WHERE ${withinSql(window)})`, 'managed')}`;
}

/** Rule 7. */
const FAILED_SQL = `
  CASE
    WHEN failed_sessions = 0 AND len(failure_details) > 0
      THEN coalesce(list_max(list_transform(failure_details, lambda detail: detail.failed_sessions)), 0)
    ELSE failed_sessions
  END`;

/** Tells one stored row from any other. */
const ROW_ID = 'xor(hash(filename), file_row_number::UBIGINT)';

function withinSql({ from, to, now }: SessionWindow): string {
  return `day BETWEEN DATE '${from}' AND DATE '${to}' AND received_at <= TIMESTAMPTZ '${now}'`;
}

/**
 * Identities that more than one stored copy claims: a single copy has the entries 0, 1, … n once each. They are few, and
 * only these are compared text by text.
 */
const CONTESTED_SQL = `
  CREATE OR REPLACE TEMP TABLE contested AS
  SELECT key FROM entry WHERE believed GROUP BY key HAVING count(*) <> coalesce(max(policy_index), 0) + 1`;

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
    tables: [entryTableSql(rows, window), CONTESTED_SQL, supersededSql(rows, window)],
    entries: `(
      SELECT *, ${FAILED_SQL} AS failed FROM ${rows}
      WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND policy_type IS NOT NULL
        AND ${ROW_ID} NOT IN (SELECT row_id FROM superseded))`,
  };
}

/** The entries that count, as the view `counted`. */
const COUNTED_SQL = `
  CREATE OR REPLACE TEMP VIEW counted AS
  SELECT *, coalesce(failed > 0, false) AS failing FROM entry
  WHERE believed AND domain_index IS NOT NULL AND row_id NOT IN (SELECT row_id FROM superseded)`;

/**
 * What each reporter counted for a domain on a day (of the month) under one policy type, by numbers; type -1 is none at all.
 * All sums over reporters or days are sums of these rows; a reporter's volume on a day is the greatest of its types (rule 4).
 */
const CELLS_SQL = `
  WITH cell AS (
    SELECT domain_index, reporter, day, policy_type,
      sum(coalesce(successful, 0))::DOUBLE AS successful, sum(coalesce(failed, 0))::DOUBLE AS failed,
      count(*) FILTER (successful IS NULL OR failed IS NULL)::INTEGER AS unknown_entries
    FROM counted GROUP BY domain_index, counted.reporter, counted.day, policy_type
  )
  SELECT domain_index, reporter_text.number AS reporter, dayofmonth(day)::INTEGER AS day,
    coalesce(list_position(['${POLICY_TYPES.join("', '")}'], policy_type) - 1, -1)::INTEGER AS policy_type_index,
    successful, failed, unknown_entries
  FROM cell JOIN reporter_text ON reporter_text.digest = cell.reporter`;

/** One row of FailingReporterDay each, without its details; `reporter` and `organization` are digests. */
const FAILING_SQL = `
  SELECT
    domain_index, dayofmonth(day)::INTEGER AS day, policy_type, reporter::VARCHAR AS reporter,
    arg_max(organization, received_at)::VARCHAR AS organization,
    CASE WHEN count(successful) = count(*) THEN sum(successful)::DOUBLE END AS successful,
    sum(failed)::DOUBLE AS failed,
    to_json(list(DISTINCT report_sha256 ORDER BY report_sha256) FILTER (failing))::VARCHAR AS report_sha256
  FROM counted
  SEMI JOIN (SELECT DISTINCT domain_index, day, policy_type, reporter FROM counted WHERE failing) AS failed_day
    USING (domain_index, day, policy_type, reporter)
  GROUP BY domain_index, counted.day, policy_type, counted.reporter
  ORDER BY day, domain_index, policy_type, counted.reporter`;

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

/** The details of those rows, in the same order; the largest category first. */
const FAILURES_SQL = `
  WITH category AS (${categoriesSql('domain_index, day, policy_type, reporter', 'counted')})
  SELECT
    domain_index, dayofmonth(day)::INTEGER AS day, policy_type, reporter::VARCHAR AS reporter, result_type, mx,
    sum(sessions)::DOUBLE AS sessions,
    to_json(list(DISTINCT reason ORDER BY reason) FILTER (reason IS NOT NULL)[1:3])::VARCHAR AS reasons
  FROM category
  GROUP BY domain_index, category.day, policy_type, category.reporter, result_type, mx
  ORDER BY day, domain_index, policy_type, category.reporter, sessions DESC, result_type, mx`;

/** For each reporter of a domain when its last report came, and the numbers of its newest name and `sts` policy. */
const REPORTERS_SQL = `
  WITH one AS (
    SELECT
      domain_index, reporter,
      epoch(max(received_at))::DOUBLE AS last_received_at,
      arg_max(organization, ROW(day, received_at)) FILTER (organization IS NOT NULL) AS organization,
      arg_max(policy, ROW(day, received_at)) FILTER (policy IS NOT NULL) AS policy,
      dayofmonth(max(day) FILTER (policy IS NOT NULL))::INTEGER AS policy_day_of_month
    FROM counted GROUP BY domain_index, counted.reporter
  )
  SELECT domain_index, reporter_text.number AS reporter, last_received_at,
    organization_name_text.number AS organization, policy_text.number AS policy, policy_day_of_month
  FROM one JOIN reporter_text ON reporter_text.digest = one.reporter
  LEFT JOIN organization_name_text ON organization_name_text.digest = one.organization
  LEFT JOIN policy_text ON policy_text.digest = one.policy
  ORDER BY domain_index, reporter_text.number`;

/** ReporterRecord.policies (rule 8), by numbers. The policy shown last comes first. */
const APPLIED_POLICIES_SQL = `
  WITH one AS (
    SELECT domain_index, reporter, policy,
      dayofmonth(min(day))::INTEGER AS first_day, dayofmonth(max(day))::INTEGER AS last_day,
      sum(coalesce(successful, 0))::DOUBLE AS successful, sum(coalesce(failed, 0))::DOUBLE AS failed
    FROM counted WHERE policy IS NOT NULL GROUP BY domain_index, counted.reporter, policy
  )
  SELECT domain_index, reporter_text.number AS reporter, policy_text.number AS policy,
    first_day, last_day, successful, failed
  FROM one JOIN reporter_text ON reporter_text.digest = one.reporter JOIN policy_text ON policy_text.digest = one.policy
  ORDER BY domain_index, reporter_text.number, last_day DESC, first_day DESC, policy`;

/** The rows that are stored but not counted, and why; `foreign` are those of reports none of whose entries is ours. */
const APART_SQL = `
  CREATE OR REPLACE TEMP TABLE apart AS
  SELECT domain_index, 'unauthenticated' AS reason, row_id, key FROM entry WHERE domain_index IS NOT NULL AND NOT believed
  UNION ALL
  SELECT domain_index, 'conflict', row_id, key FROM entry
  WHERE domain_index IS NOT NULL AND row_id IN (SELECT row_id FROM superseded WHERE conflict)
  UNION ALL
  SELECT NULL, 'foreign', row_id, key FROM entry
  WHERE domain_index IS NULL AND key NOT IN (
    SELECT key FROM entry WHERE domain_index IS NOT NULL AND key IN (SELECT key FROM entry WHERE domain_index IS NULL)
  )`;

/**
 * They are counted by content. An unsigned copy of a report that is also held in a believed one is left out: it was not
 * forged, only also sent without a signature.
 */
function apartCountsSql(rows: string, window: SessionWindow): string {
  return `
    WITH stored AS (
      SELECT ${ROW_ID} AS row_id, report_sha256, received_at, ${BELIEVED_SQL} AS believed
      FROM ${rows} WHERE ${withinSql(window)} AND hash(report_key) IN (SELECT key FROM apart)
    )
    SELECT
      domain_index, reason, count(DISTINCT report_sha256)::INTEGER AS reports,
      strftime(max(received_at), '%Y-%m-%dT%H:%M:%SZ') AS last_received_at
    FROM apart JOIN stored USING (row_id)
    WHERE reason <> 'unauthenticated' OR report_sha256 NOT IN (SELECT report_sha256 FROM stored WHERE believed)
    GROUP BY domain_index, reason ORDER BY domain_index NULLS LAST, reason`;
}

/** Anyone who can sign a mail can report any name: so many of them are told, those with most reports. */
const SUBDOMAINS = 200;

/** ReportedSubdomain: believed entries that are not ours, of names below ours. The list is empty in most months. */
function subdomainsSql(rows: string, window: SessionWindow): string {
  return `
    WITH foreign_entry AS (
      SELECT policy_domain AS name, day, policy_type, report_sha256,
        coalesce(successful_sessions, 0) + coalesce(failed_sessions, 0) AS sessions
      FROM ${rows} AS stored
      WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND policy_domain IS NOT NULL
        AND ${ROW_ID} IN (SELECT row_id FROM entry WHERE domain_index IS NULL AND believed)
    ), foreign_name AS (SELECT DISTINCT name FROM foreign_entry), below AS (
      SELECT name FROM foreign_name SEMI JOIN managed ON ends_with(foreign_name.name, concat('.', managed.domain))
    )
    SELECT name, count(DISTINCT report_sha256)::INTEGER AS reports,
      strftime(min(day), '%Y-%m-%d') AS first_day, strftime(max(day), '%Y-%m-%d') AS last_day,
      sum(sessions)::DOUBLE AS sessions, bool_or(policy_type = 'sts' AND sessions > 0) AS has_policy
    FROM foreign_entry SEMI JOIN below USING (name)
    GROUP BY name ORDER BY reports DESC, name LIMIT ${SUBDOMAINS}`;
}

/** What the digests stand for. Grouped by number: a text of each digest for each row would take longer than all else. */
function namesSql(rows: string, column: 'reporter' | 'organization_name', window: SessionWindow): string {
  return textTableSql(
    column,
    `SELECT hash(${column}) AS digest, any_value(${column}) AS text FROM ${rows}
    WHERE ${withinSql(window)} AND ${column} IS NOT NULL GROUP BY ALL`,
  );
}

function policiesSql(rows: string, window: SessionWindow): string {
  return textTableSql(
    'policy',
    `SELECT digest, to_json(lines)::VARCHAR AS text FROM (
      SELECT hash(policy_string) AS digest, any_value(policy_string) AS lines FROM ${rows}
      WHERE ${withinSql(window)} AND policy_type = 'sts' AND policy_string IS NOT NULL GROUP BY ALL)
    WHERE digest IN (SELECT policy FROM counted)`,
  );
}

/** The table `<name>_text(digest, number, text)`, numbered from 0 in the order of the texts. */
function textTableSql(name: string, texts: string): string {
  return `
    CREATE OR REPLACE TEMP TABLE ${name}_text AS
    SELECT digest, (row_number() OVER (ORDER BY text, digest) - 1)::INTEGER AS number, text FROM (${texts})`;
}

function textsSql(name: string): string {
  return `SELECT digest::VARCHAR AS digest, text FROM ${name}_text ORDER BY number`;
}
