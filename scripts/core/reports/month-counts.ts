import type { Day, Instant } from '../clock.ts';
import { categoriesSql, countedEntries } from './sessions.ts';

/*
 * What reports of one month count, entry by entry, for whoever adds up himself: from the rows by sessions.ts, and on days whose
 * rows are gone from the daily figures (daily-figures.ts). Whose an entry is follows from its domains (attribution.ts).
 */

const KEYS = 'day, policy_domain, report_domain, policy_type, reporter';
const EVER = '9999-12-31T23:59:59Z' as Instant;

/** Of the daily figures, what is needed here. */
export const COUNTED_COLUMNS: readonly string[] = [
  ...KEYS.split(', '),
  'successful_sessions',
  'failed_sessions',
  'unknown_entries',
  'failures',
];

export interface MonthParts {
  /** A relation of stored rows; null: there are none. */
  readonly rows: string | null;
  /** A relation of daily figures; null: there are none. */
  readonly figures: string | null;
  readonly days: { readonly from: Day; readonly to: Day };
}

export interface MonthCounts {
  /** Statements that are run first, in this order. */
  readonly tables: readonly string[];
  /** A relation of `KEYS`, `successful_sessions`, `failed_sessions` and `unknown_entries`, to be added up. */
  readonly counts: string;
  /** A relation of `KEYS`, `result_type`, `mx` and `sessions`, to be added up. */
  readonly categories: string;
}

/** Null without either. */
export function monthCounts({ rows, figures, days }: MonthParts): MonthCounts | null {
  const ofRows = rows === null ? null : countsOfRows(rows, days);
  if (figures === null) return ofRows;
  if (ofRows === null) return countsOfFigures(figures);
  const { tables, counts, categories } = ofRows;
  // A day that still has rows is counted from them alone.
  const rest = countsOfFigures(`(FROM ${figures} WHERE day NOT IN (SELECT DISTINCT day FROM ${counts}))`);
  return {
    tables,
    counts: `(FROM ${counts} UNION ALL BY NAME FROM ${rest.counts})`,
    categories: `(FROM ${categories} UNION ALL BY NAME FROM ${rest.categories})`,
  };
}

function countsOfRows(rows: string, days: MonthParts['days']): MonthCounts {
  const { tables, entries } = countedEntries(rows, { ...days, now: EVER });
  return {
    tables: [
      ...tables,
      `CREATE OR REPLACE TEMP TABLE failing_of_month AS SELECT ${KEYS}, failed, failure_details FROM ${entries} WHERE failed > 0`,
    ],
    counts: `(
      SELECT ${KEYS}, coalesce(successful_sessions, 0) AS successful_sessions, coalesce(failed, 0) AS failed_sessions,
        (successful_sessions IS NULL OR failed IS NULL)::INTEGER AS unknown_entries
      FROM ${entries})`,
    categories: `(SELECT * EXCLUDE reason FROM (${categoriesSql(KEYS, 'failing_of_month')}))`,
  };
}

function countsOfFigures(figures: string): MonthCounts {
  return {
    tables: [],
    counts: `(SELECT ${KEYS}, successful_sessions, failed_sessions, unknown_entries FROM ${figures})`,
    categories: `(
      SELECT ${KEYS}, failure.result_type AS result_type, failure.mx AS mx, failure.sessions AS sessions
      FROM (SELECT ${KEYS}, unnest(failures) AS failure FROM ${figures}))`,
  };
}
