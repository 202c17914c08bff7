import type { Day, Instant } from '../clock.ts';
import { categoriesSql, countedEntries } from './sessions.ts';

/*
 * Daily figures: what is kept of a month when its rows are gone. Counted by sessions.ts, so that a sum over them is the
 * number that was shown; apart for each policy type (never to be added) and each policy that the reporter applied, which
 * tells the policy version. Whose a figure is follows from `policy_domain` and `report_domain` as for rows (attribution.ts).
 */

const FIGURES_VERSION = 1;

/** The columns of `data/figures/month=YYYY-MM/*.parquet`, in order, with DuckDB's types; documented in data/README.md. */
export const FIGURE_COLUMNS = {
  schema_version: 'INTEGER',
  day: 'DATE',
  policy_domain: 'VARCHAR',
  report_domain: 'VARCHAR',
  policy_type: 'VARCHAR',
  reporter: 'VARCHAR',
  organization_name: 'VARCHAR',
  policy_string: 'VARCHAR[]',
  entries: 'INTEGER',
  successful_sessions: 'BIGINT',
  failed_sessions: 'BIGINT',
  unknown_entries: 'INTEGER',
  failures: 'STRUCT(result_type VARCHAR, mx VARCHAR, sessions BIGINT)[]',
  last_received_at: 'TIMESTAMP WITH TIME ZONE',
} as const;

/** What tells two figures apart: one file order, and so one sequence of bytes. */
const KEYS = 'day, policy_domain, report_domain, policy_type, reporter, policy_string';
export const FIGURE_ORDER = 'policy_domain, day, policy_type, reporter, policy_string, report_domain';

const EVER = '9999-12-31T23:59:59Z' as Instant;

/** The figures of one month over its rows: `tables` first, then `select`. */
export function dailyFigures(
  rows: string,
  { from, to }: { readonly from: Day; readonly to: Day },
): { readonly tables: readonly string[]; readonly select: string } {
  const { tables, entries } = countedEntries(rows, { from, to, now: EVER });
  const keyed = `(
    SELECT * REPLACE (CASE WHEN policy_type = 'tlsa' AND report_domain <> policy_domain THEN report_domain END AS report_domain)
    FROM ${entries})`;
  const select = `
    WITH entry AS MATERIALIZED (
      SELECT ${KEYS}, organization_name, received_at, successful_sessions, failed, failure_details FROM ${keyed}
    ), total AS (
      SELECT ${KEYS}, arg_max(organization_name, received_at) AS organization_name, count(*)::INTEGER AS entries,
        coalesce(sum(successful_sessions), 0)::BIGINT AS successful_sessions,
        coalesce(sum(failed), 0)::BIGINT AS failed_sessions,
        (count(*) FILTER (successful_sessions IS NULL OR failed IS NULL))::INTEGER AS unknown_entries,
        max(received_at) AS last_received_at
      FROM entry GROUP BY ALL
    ), category AS (
      SELECT ${KEYS}, result_type, mx, sum(sessions)::BIGINT AS sessions
      FROM (${categoriesSql(KEYS, 'entry')}) GROUP BY ALL
    ), failure AS (
      SELECT ${KEYS}, list({result_type: result_type, mx: mx, sessions: sessions} ORDER BY sessions DESC, result_type, mx) AS failures
      FROM category GROUP BY ALL
    )
    SELECT ${FIGURES_VERSION} AS schema_version, total.*, coalesce(failure.failures, []) AS failures
    FROM total LEFT JOIN failure ON ${KEYS.split(', ')
      .map((key) => `total.${key} IS NOT DISTINCT FROM failure.${key}`)
      .join(' AND ')}`;
  return { tables, select };
}
