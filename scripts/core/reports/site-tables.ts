import { attributedSql } from './attribution.ts';
import type { MonthCounts } from './month-counts.ts';

/*
 * The tables that the reports site hands out as Parquet, over what a month counts (month-counts.ts) for the managed domains: what
 * may be published of a report. Policies and organization names stay behind; with `redact` so does every name of a reporter
 * or MX that is no host name, since such a text could be anything.
 */

/** The columns of `data/sessions-YYYY-MM.parquet`, in order. Sessions are never to be added across `policy_type`. */
export const SESSION_COLUMNS = [
  'domain',
  'day',
  'policy_type',
  'reporter',
  'successful_sessions',
  'failed_sessions',
  'entries_without_counts',
] as const;

/** The columns of `data/failures-YYYY-MM.parquet`, in order. Categories overlap. */
export const FAILURE_COLUMNS = ['domain', 'day', 'policy_type', 'reporter', 'result_type', 'mx', 'sessions'] as const;

const HOST = '^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+$';
const ADDRESS = '^[0-9.]+$';

/** Statements over the counts of a month; the table `managed(domain_index, domain)` holds the domains, in the order of their names. */
export function siteTables(
  { counts, categories }: Pick<MonthCounts, 'counts' | 'categories'>,
  { redact }: { readonly redact: boolean },
): { readonly sessions: string; readonly failures: string } {
  const named = (column: string) =>
    redact
      ? `CASE WHEN regexp_matches(${column}, '${HOST}') AND NOT regexp_matches(${column}, '${ADDRESS}') THEN ${column} WHEN ${column} IS NOT NULL THEN '[withheld]' END`
      : column;
  // Added up and sorted by number: of names that costs twice as much.
  return {
    sessions: `
      SELECT domain, total.* EXCLUDE domain_index FROM (
        SELECT domain_index, day, policy_type, ${named('reporter')} AS reporter,
          sum(successful_sessions)::DOUBLE AS successful_sessions,
          sum(failed_sessions)::DOUBLE AS failed_sessions,
          sum(unknown_entries)::INTEGER AS entries_without_counts
        FROM ${attributedSql(counts, 'managed')} WHERE domain_index IS NOT NULL GROUP BY ALL
      ) AS total JOIN managed USING (domain_index)
      ORDER BY domain_index, day, policy_type, reporter`,
    failures: `
      SELECT domain, total.* EXCLUDE domain_index FROM (
        SELECT domain_index, day, policy_type, ${named('reporter')} AS reporter, result_type, ${named('mx')} AS mx,
          sum(sessions)::DOUBLE AS sessions
        FROM ${attributedSql(categories, 'managed')} WHERE domain_index IS NOT NULL GROUP BY ALL
      ) AS total JOIN managed USING (domain_index)
      ORDER BY domain_index, day, policy_type, reporter, result_type, mx`,
  };
}
