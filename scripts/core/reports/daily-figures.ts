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
/** The same figures added up over the policies that were applied, and without what only a kept file needs. */
const PLAIN_KEYS = 'day, policy_domain, report_domain, policy_type, reporter';
export const PLAIN_COLUMNS: readonly string[] = [
  ...PLAIN_KEYS.split(', '),
  'successful_sessions',
  'failed_sessions',
  'unknown_entries',
  'failures',
];
export const FIGURE_ORDER = 'policy_domain, day, policy_type, reporter, policy_string, report_domain';

const EVER = '9999-12-31T23:59:59Z' as Instant;

export interface FigureStatements {
  readonly tables: readonly string[];
  readonly select: string;
}

/** The figures of one month over its rows: `tables` first, then `select`. */
export function dailyFigures(rows: string, days: { readonly from: Day; readonly to: Day }): FigureStatements {
  const kept = { keys: KEYS, columns: 'organization_name, received_at' };
  const { tables, figures } = figuresOver(rows, days, kept);
  return { tables, select: `SELECT ${FIGURES_VERSION} AS schema_version, figure.* FROM (${figures}) AS figure` };
}

/** The figures of one month with `PLAIN_COLUMNS` alone, for half the work. */
export function plainFigures(rows: string, days: { readonly from: Day; readonly to: Day }): FigureStatements {
  const { tables, figures } = figuresOver(rows, days, { keys: PLAIN_KEYS, columns: null });
  return { tables, select: figures };
}

function figuresOver(
  rows: string,
  { from, to }: { readonly from: Day; readonly to: Day },
  { keys, columns }: { readonly keys: string; readonly columns: string | null },
): { readonly tables: readonly string[]; readonly figures: string } {
  const { tables, entries } = countedEntries(rows, { from, to, now: EVER });
  const keyed = `(
    SELECT * REPLACE (CASE WHEN policy_type = 'tlsa' AND report_domain <> policy_domain THEN report_domain END AS report_domain)
    FROM ${entries})`;
  const [first, last] =
    columns === null
      ? ['', '']
      : [
          'arg_max(organization_name, received_at) AS organization_name, count(*)::INTEGER AS entries,',
          ', max(received_at) AS last_received_at',
        ];
  const figures = `
    WITH entry AS MATERIALIZED (
      SELECT ${keys}${columns === null ? '' : `, ${columns}`}, successful_sessions, failed, failure_details FROM ${keyed}
    ), total AS (
      SELECT ${keys}, ${first}
        coalesce(sum(successful_sessions), 0)::BIGINT AS successful_sessions,
        coalesce(sum(failed), 0)::BIGINT AS failed_sessions,
        (count(*) FILTER (successful_sessions IS NULL OR failed IS NULL))::INTEGER AS unknown_entries
        ${last}
      FROM entry GROUP BY ALL
    ), category AS (
      SELECT ${keys}, result_type, mx, sum(sessions)::BIGINT AS sessions
      FROM (${categoriesSql(keys, 'entry')}) GROUP BY ALL
    ), failure AS (
      SELECT ${keys}, list({result_type: result_type, mx: mx, sessions: sessions} ORDER BY sessions DESC, result_type, mx) AS failures
      FROM category GROUP BY ALL
    )
    SELECT total.*, coalesce(failure.failures, []) AS failures
    FROM total LEFT JOIN failure ON ${keys
      .split(', ')
      .map((key) => `total.${key} IS NOT DISTINCT FROM failure.${key}`)
      .join(' AND ')}`;
  return { tables, figures };
}
