import { BELIEVED_SQL } from './acceptance.ts';
import { attributedSql } from './attribution.ts';
import { categoriesSql, FAILED_SQL, ROW_ID, type SessionWindow, supersededTables, withinSql } from './sessions.ts';

/*
 * The figures of some days of one month, as sessions.ts counts them: SQL text, run by io/store/piece-figures.ts. Nothing that
 * grows with the reports is kept between two statements: each reads the few columns it needs from the files anew, which takes
 * less time than a table of all of them: except what `seen` lists of each entry, the narrowest that says all.
 */

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
  readonly warnings: string;
  /** Texts in the order of the numbers that stand for them in the results. */
  readonly reporterNames: string;
  readonly organizationNames: string;
  readonly policies: string;
  /** Every name that an entry of the days is about, ours or not: what the figures depend on besides the rows (counted-for.ts). */
  readonly names: string;
  /** Run last: what grows with the reports goes before the next piece is counted. */
  readonly end: string;
}

export function sessionStatements(rows: string, window: SessionWindow): SessionStatements {
  return {
    tables: [
      ...supersededTables(rows, window),
      oddSql(rows, window),
      UNTOLD_SQL,
      countedSql(rows, window),
      SEEN_SQL,
      textTableSql('reporter'),
      textTableSql('organization'),
      textTableSql('policy'),
      REPORTER_ROW_SQL,
      FAILING_ENTRY_SQL,
      apartSql(rows, window),
    ],
    cells: CELLS_SQL,
    policyTypes: POLICY_TYPES,
    failing: FAILING_SQL,
    failures: FAILURES_SQL,
    reporters: REPORTERS_SQL,
    applied: APPLIED_POLICIES_SQL,
    apart: apartCountsSql(rows, window),
    subdomains: subdomainsSql(rows, window),
    warnings: WARNINGS_SQL,
    reporterNames: textsSql('reporter'),
    organizationNames: textsSql('organization'),
    policies: textsSql('policy'),
    names: namesSql(rows, window),
    end: 'DROP TABLE seen',
  };
}

/** The entries of our domains that count, as the view `counted` (rules 1, 2 and 7). */
function countedSql(rows: string, window: SessionWindow): string {
  const entries = `(
    SELECT *, ${ROW_ID} AS row_id FROM ${rows} WHERE ${withinSql(window)} AND ${BELIEVED_SQL})`;
  return `
    CREATE OR REPLACE TEMP VIEW counted AS
    SELECT ours.*, successful_sessions AS successful, coalesce(untold.failed, failed_sessions) AS failed
    FROM ${attributedSql(entries, 'managed')} AS ours LEFT JOIN untold USING (row_id)
    WHERE domain_index IS NOT NULL AND row_id NOT IN (SELECT row_id FROM superseded)`;
}

/** Orders entries of one month by their day and when they were received. */
const LATER = '(dayofmonth(day)::BIGINT << 52) | epoch_us(received_at)';

/**
 * The table `seen`: what each reporter of a domain said under one name, one policy type and one policy. All other figures
 * come from it. Names and policies are 64-bit digests, because texts of each row would take longer than all else. What each
 * entry says stands in lists in one order: the day of the month, successful and failed sessions; a missing count is -1, and
 * the type of an empty report 7.
 */
const SEEN_SQL = `
  CREATE OR REPLACE TEMP TABLE seen AS
  SELECT
    domain_index,
    hash(reporter) AS reporter, any_value(reporter) AS reporter_text,
    CASE WHEN organization_name IS NOT NULL THEN hash(organization_name) END AS organization,
    any_value(organization_name) AS organization_text,
    CASE WHEN policy_type = 'sts' AND policy_string IS NOT NULL THEN hash(policy_string) END AS policy,
    any_value(CASE WHEN policy_type = 'sts' THEN policy_string END) AS policy_lines,
    CASE policy_type ${POLICY_TYPES.map((type, index) => `WHEN '${type}' THEN ${index}`).join(' ')} ELSE 7 END::UTINYINT AS type,
    max(${LATER}) AS later, max(received_at) AS last_received_at,
    list(dayofmonth(day)::UTINYINT) AS days,
    list(coalesce(successful, -1)::DOUBLE) AS successful, list(coalesce(failed, -1)::DOUBLE) AS failed
  FROM counted WHERE reporter IS NOT NULL GROUP BY domain_index, hash(counted.reporter), organization, policy, type`;

/** The table `<name>_text(digest, number, text)` of what the digests in `seen` stand for, numbered from 0 in the order of the texts. */
function textTableSql(name: 'reporter' | 'organization' | 'policy'): string {
  const text = name === 'policy' ? 'to_json(any_value(policy_lines))::VARCHAR' : `any_value(${name}_text)`;
  return `
    CREATE OR REPLACE TEMP TABLE ${name}_text AS
    SELECT digest, (row_number() OVER (ORDER BY text, digest) - 1)::INTEGER AS number, text
    FROM (SELECT ${name} AS digest, ${text} AS text FROM seen WHERE ${name} IS NOT NULL GROUP BY ${name})`;
}

function textsSql(name: string): string {
  return `SELECT text FROM ${name}_text ORDER BY number`;
}

function namesSql(rows: string, { from, to }: SessionWindow): string {
  const named = (column: string) => `
    SELECT DISTINCT ${column} AS name FROM ${rows} WHERE day BETWEEN DATE '${from}' AND DATE '${to}' AND ${column} IS NOT NULL`;
  return `${named('policy_domain')} UNION ${named('report_domain')} ORDER BY name`;
}

/** Where each reporter of a domain stands, by domain and name. */
const REPORTER_ROW_SQL = `
  CREATE OR REPLACE TEMP TABLE reporter_row AS
  SELECT domain_index, reporter, text, number,
    (row_number() OVER (ORDER BY domain_index, number) - 1)::INTEGER AS reporter_row
  FROM (SELECT DISTINCT domain_index, reporter FROM seen)
  JOIN reporter_text ON reporter_text.digest = reporter`;

/** What `seen` tells of the days, by reporter. There are millions of entries. */
const CELLS_SQL = `
  SELECT reporter_row, type, days, seen.successful, seen.failed FROM seen JOIN reporter_row USING (domain_index, reporter)`;

/** What most months have little of: entries that are not ours, not believed, or tell of failures. */
function oddSql(rows: string, window: SessionWindow): string {
  return `
    CREATE OR REPLACE TEMP TABLE odd AS
    SELECT domain_index, believed, row_id, hash(report_key) AS key, day, policy_type, reporter, failed,
      failed_sessions IS DISTINCT FROM failed AS untold
    FROM (SELECT *, ${FAILED_SQL} AS failed FROM ${attributedSql(rowsApart(rows, window), 'managed')})
    WHERE domain_index IS NULL OR NOT believed OR failed > 0`;
}

/** The entries whose failures only their details tell (rule 7): so that nothing else reads the details of every entry. */
const UNTOLD_SQL = `
  CREATE OR REPLACE TEMP TABLE untold AS
  SELECT row_id, failed FROM odd WHERE untold AND failed > 0`;

function rowsApart(rows: string, window: SessionWindow): string {
  return `(SELECT *, ${ROW_ID} AS row_id, coalesce(${BELIEVED_SQL}, false) AS believed FROM ${rows} WHERE ${withinSql(window)})`;
}

/** All entries of the reporters' days under one policy type that have a failure. */
const FAILING_ENTRY_SQL = `
  CREATE OR REPLACE TEMP TABLE failing_entry AS
  SELECT domain_index, day, policy_type, reporter, organization_name, received_at, successful, failed, failure_details,
    report_sha256
  FROM counted WHERE hash(domain_index, day, policy_type, reporter) IN (
    SELECT hash(domain_index, day, policy_type, reporter) FROM odd
    WHERE failed > 0 AND believed AND domain_index IS NOT NULL AND row_id NOT IN (SELECT row_id FROM superseded))`;

/** One row of FailingReporterDay each, without its details. */
const FAILING_SQL = `
  SELECT
    domain_index, dayofmonth(day)::INTEGER AS day, policy_type, reporter,
    arg_max(organization_name, ROW(received_at, organization_name)) AS organization_name,
    CASE WHEN count(successful) = count(*) THEN sum(successful)::DOUBLE END AS successful,
    sum(failed)::DOUBLE AS failed,
    to_json(list(DISTINCT report_sha256 ORDER BY report_sha256) FILTER (failed > 0))::VARCHAR AS report_sha256
  FROM failing_entry
  GROUP BY domain_index, failing_entry.day, policy_type, reporter
  ORDER BY day, domain_index, policy_type, reporter`;

/** The details of those rows, in the same order; the largest category first. */
const FAILURES_SQL = `
  WITH category AS (${categoriesSql('domain_index, day, policy_type, reporter', 'failing_entry')})
  SELECT
    domain_index, dayofmonth(day)::INTEGER AS day, policy_type, reporter, result_type, mx,
    sum(sessions)::DOUBLE AS sessions,
    to_json(list(DISTINCT reason ORDER BY reason) FILTER (reason IS NOT NULL)[1:3])::VARCHAR AS reasons
  FROM category
  GROUP BY domain_index, category.day, policy_type, reporter, result_type, mx
  ORDER BY day, domain_index, policy_type, reporter, sessions DESC, result_type, mx`;

/**
 * For each reporter of a domain, in order, when its last report came, and the numbers of its newest name and `sts` policy; -1:
 * none. Of several that came at once always the same one: the same rows make the same figures.
 */
const REPORTERS_SQL = `
  WITH one AS (
    SELECT
      domain_index, reporter,
      epoch(max(last_received_at))::DOUBLE AS last_received_at,
      arg_max(organization, ROW(later, organization)) FILTER (organization IS NOT NULL) AS organization,
      arg_max(policy, ROW(later, policy)) FILTER (policy IS NOT NULL) AS policy,
      max(list_max(days)) FILTER (policy IS NOT NULL)::INTEGER AS policy_day_of_month
    FROM seen GROUP BY domain_index, reporter
  )
  SELECT domain_index, reporter_row.number AS reporter, last_received_at,
    coalesce(organization_text.number, -1) AS organization, coalesce(policy_text.number, -1) AS policy,
    coalesce(policy_day_of_month, 0) AS policy_day_of_month
  FROM one JOIN reporter_row USING (domain_index, reporter)
  LEFT JOIN organization_text ON organization_text.digest = one.organization
  LEFT JOIN policy_text ON policy_text.digest = one.policy
  ORDER BY reporter_row`;

/** The sum of a list of counts, of which those that are missing are none. */
function knownSql(counts: string): string {
  return `list_sum(list_transform(${counts}, lambda count: greatest(count, 0)))`;
}

/** ReporterRecord.policies (rule 8), by numbers. The policy shown last comes first. */
const APPLIED_POLICIES_SQL = `
  WITH one AS (
    SELECT domain_index, reporter, policy,
      min(list_min(days))::INTEGER AS first_day, max(list_max(days))::INTEGER AS last_day,
      sum(${knownSql('successful')})::DOUBLE AS successful, sum(${knownSql('failed')})::DOUBLE AS failed
    FROM seen WHERE policy IS NOT NULL GROUP BY domain_index, reporter, policy
  )
  SELECT reporter_row, policy_text.number AS policy, one.first_day, one.last_day, successful, failed
  FROM one JOIN reporter_row USING (domain_index, reporter) JOIN policy_text ON policy_text.digest = one.policy
  ORDER BY reporter_row, one.last_day DESC, one.first_day DESC, policy`;

/** The rows that are stored but not counted, and why; `foreign` are those of reports none of whose entries is ours. */
function apartSql(rows: string, window: SessionWindow): string {
  const ours = (where: string) => `
    SELECT domain_index, row_id, hash(report_key) AS key FROM ${attributedSql(rowsApart(rows, window), 'managed')}
    WHERE domain_index IS NOT NULL AND ${where}`;
  return `
    CREATE OR REPLACE TEMP TABLE apart AS
    SELECT domain_index, 'unauthenticated' AS reason, row_id, key FROM odd WHERE domain_index IS NOT NULL AND NOT believed
    UNION ALL
    SELECT domain_index, 'conflict', row_id, key
    FROM (${ours('row_id IN (SELECT row_id FROM superseded WHERE conflict)')})
    UNION ALL
    SELECT NULL, 'foreign', row_id, key FROM odd
    WHERE domain_index IS NULL AND key NOT IN (
      SELECT key FROM (${ours('hash(report_key) IN (SELECT key FROM odd WHERE domain_index IS NULL)')}))`;
}

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
/** Whoever signs for many domains could otherwise make any number of rows. */
const WARNINGS = 10_000;

/** Warnings whose detail is a key of RFC 8460 §4.4; of others it may be what the reporter wrote. */
const TELLING =
  '^(missing|alias|wrong-type|object-not-array|string-not-array|num-string|num-float|bad-count|json-in-string):[a-z_-]{1,40}$';

/** A report stands on one day, so that pieces of whole days add up. */
const WARNINGS_SQL = `
  SELECT reporter, CASE WHEN regexp_matches(warning, '${TELLING}') THEN warning ELSE split_part(warning, ':', 1) END AS told,
    count(DISTINCT report_sha256)::INTEGER AS reports
  FROM (SELECT reporter, report_sha256, unnest(warnings) AS warning FROM counted WHERE len(warnings) > 0)
  GROUP BY ALL ORDER BY reports DESC, reporter, told LIMIT ${WARNINGS}`;

function subdomainsSql(rows: string, window: SessionWindow): string {
  return `
    WITH foreign_entry AS (
      SELECT policy_domain AS name, day, policy_type, report_sha256,
        coalesce(successful_sessions, 0) + coalesce(failed_sessions, 0) AS sessions
      FROM ${rows} AS stored
      WHERE ${withinSql(window)} AND ${BELIEVED_SQL} AND policy_domain IS NOT NULL
        AND ${ROW_ID} IN (SELECT row_id FROM odd WHERE domain_index IS NULL AND believed)
    ), foreign_name AS (SELECT DISTINCT name FROM foreign_entry), below AS (
      SELECT name FROM foreign_name SEMI JOIN managed ON ends_with(foreign_name.name, concat('.', managed.domain))
    )
    SELECT name, count(DISTINCT report_sha256)::INTEGER AS reports,
      strftime(min(day), '%Y-%m-%d') AS first_day, strftime(max(day), '%Y-%m-%d') AS last_day,
      sum(sessions)::DOUBLE AS sessions, bool_or(policy_type = 'sts' AND sessions > 0) AS has_policy
    FROM foreign_entry SEMI JOIN below USING (name)
    GROUP BY name ORDER BY reports DESC, name LIMIT ${SUBDOMAINS}`;
}
