import { attributedSql } from './attribution.ts';

/*
 * The tables that the reports site hands out as Parquet, over daily figures (daily-figures.ts) of the managed domains: what
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

/** Statements over `figures`, a relation of daily figures; the table `managed(domain_index, domain)` holds the domains. */
export function siteTables(
  figures: string,
  { redact }: { readonly redact: boolean },
): { readonly sessions: string; readonly failures: string } {
  const named = (column: string) =>
    redact
      ? `CASE WHEN regexp_matches(${column}, '${HOST}') AND NOT regexp_matches(${column}, '${ADDRESS}') THEN ${column} WHEN ${column} IS NOT NULL THEN '[withheld]' END`
      : column;
  const ours = `${attributedSql(figures, 'managed')} JOIN managed USING (domain_index)`;
  return {
    sessions: `
      SELECT managed.domain, day, policy_type, ${named('reporter')} AS reporter,
        sum(successful_sessions)::DOUBLE AS successful_sessions,
        sum(failed_sessions)::DOUBLE AS failed_sessions,
        sum(unknown_entries)::INTEGER AS entries_without_counts
      FROM ${ours} GROUP BY ALL ORDER BY ALL`,
    failures: `
      SELECT domain, day, policy_type, reporter, failure.result_type, ${named('failure.mx')} AS mx,
        sum(failure.sessions)::DOUBLE AS sessions
      FROM (
        SELECT managed.domain, day, policy_type, ${named('reporter')} AS reporter, unnest(failures) AS failure FROM ${ours})
      GROUP BY ALL ORDER BY ALL`,
  };
}
