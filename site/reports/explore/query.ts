/** What the explorer asks of the site's own tables, as values: no DOM, so that tests can ask the same. */

/** A row of `sessions-*.parquet`. */
export interface SessionRow {
  readonly domain: string;
  /** `2026-11-20`, UTC. */
  readonly day: string;
  readonly policy_type: string;
  readonly reporter: string;
  readonly successful_sessions: number;
  readonly failed_sessions: number;
  readonly entries_without_counts: number;
}

/** A row of `failures-*.parquet`. */
export interface FailureRow {
  readonly domain: string;
  readonly day: string;
  readonly policy_type: string;
  readonly reporter: string;
  readonly result_type: string;
  readonly mx: string | null;
  readonly sessions: number;
}

/** Empty text: no such filter. */
export interface Filters {
  readonly table: 'sessions' | 'failures';
  readonly domain: string;
  readonly reporter: string;
  readonly policy_type: string;
  readonly result_type: string;
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: Filters = {
  table: 'sessions',
  domain: '',
  reporter: '',
  policy_type: '',
  result_type: '',
  from: '',
  to: '',
};

const NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The part of an address after `#`: only what is set, so that the plainest question has the plainest address. */
export function hashOf(filters: Filters): string {
  const set = NAMES.filter((name) => filters[name] !== NO_FILTERS[name]).map((name) => [name, filters[name]]);
  return new URLSearchParams(set).toString();
}

/** From an address that anybody may have made: what is not known or not a day is left out. */
export function filtersOf(hash: string): Filters {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: keyof Filters) => (given.get(name) ?? '').slice(0, 300);
  const day = (name: 'from' | 'to') => (DAY.test(text(name)) ? text(name) : '');
  return {
    table: text('table') === 'failures' ? 'failures' : 'sessions',
    domain: text('domain'),
    reporter: text('reporter'),
    policy_type: text('policy_type'),
    result_type: text('result_type'),
    from: day('from'),
    to: day('to'),
  };
}

/** The months, `2026-11`, whose files can hold an answer. */
export function monthsFor(filters: Pick<Filters, 'from' | 'to'>, months: readonly string[]): readonly string[] {
  return months.filter(
    (month) =>
      (filters.from === '' || month >= filters.from.slice(0, 7)) &&
      (filters.to === '' || month <= filters.to.slice(0, 7)),
  );
}

export function matching<R extends SessionRow | FailureRow>(rows: readonly R[], filters: Filters): readonly R[] {
  const { domain, reporter, policy_type, result_type, from, to } = filters;
  return rows.filter(
    (row) =>
      (domain === '' || row.domain === domain) &&
      (reporter === '' || row.reporter === reporter) &&
      (policy_type === '' || row.policy_type === policy_type) &&
      (result_type === '' || !('result_type' in row) || row.result_type === result_type) &&
      (from === '' || row.day >= from) &&
      (to === '' || row.day <= to),
  );
}

/** One policy type's days. Never added across policy types: one session may stand under several (RFC 8460 §4). */
export interface Series {
  readonly policy_type: string;
  readonly days: readonly { readonly day: string; readonly total: number; readonly failed: number }[];
}

/** The picture: sessions and failed ones by day and policy type; days without rows are left out, not zero. */
export function seriesOf(rows: readonly (SessionRow | FailureRow)[]): readonly Series[] {
  const types = new Map<string, Map<string, { total: number; failed: number }>>();
  for (const row of rows) {
    const days = types.get(row.policy_type) ?? new Map<string, { total: number; failed: number }>();
    types.set(row.policy_type, days);
    const sum = days.get(row.day) ?? { total: 0, failed: 0 };
    days.set(row.day, sum);
    if ('sessions' in row) {
      sum.total += row.sessions;
      sum.failed += row.sessions;
    } else {
      sum.total += row.successful_sessions + row.failed_sessions;
      sum.failed += row.failed_sessions;
    }
  }
  return [...types]
    .map(([policy_type, days]) => ({
      policy_type,
      days: [...days].map(([day, sum]) => ({ day, ...sum })).sort((a, b) => (a.day < b.day ? -1 : 1)),
    }))
    .sort((a, b) => (a.policy_type < b.policy_type ? -1 : 1));
}

/** The different values of a column, sorted, for a list to choose from. */
export function valuesOf<R, K extends keyof R>(rows: readonly R[], column: K): readonly string[] {
  return [...new Set(rows.map((row) => String(row[column] ?? '')))].filter((text) => text !== '').sort();
}
