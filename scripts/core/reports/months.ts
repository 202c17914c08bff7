import { addDays, type Day, daysFrom, type Instant } from '../clock.ts';
import type { SessionWindow } from './sessions.ts';
import type {
  AppliedPolicy,
  DailySessions,
  FailingReporterDay,
  ReportedSubdomain,
  ReporterRecord,
  ReportsApart,
  ReportsView,
} from './view.ts';

/** One month of a ReportsView: each report lies within one, so months can be counted one by one, in bounded memory. */
export interface MonthFigures {
  readonly daily: readonly DailySessions[];
  readonly failing: readonly FailingReporterDay[];
  readonly reporters: readonly ReporterRecord[];
  readonly apart: readonly ReportsApart[];
  readonly subdomains: readonly ReportedSubdomain[];
}

/** One month of a window, and the part of the window that lies in it. */
export interface MonthOfWindow {
  /** `2026-11`. */
  readonly month: string;
  /** Its days, first to last. */
  readonly calendar: readonly Day[];
  readonly window: SessionWindow;
}

/** First and last day of a month, `2026-11`. */
export function monthDays(month: string): { readonly from: Day; readonly to: Day } {
  const from = `${month}-01` as Day;
  return { from, to: addDays(`${addDays(from, 31).slice(0, 7)}-01` as Day, -1) };
}

/** The months of a window, oldest first. */
export function monthsOf({
  from,
  to,
  now,
}: {
  readonly from: Day;
  readonly to: Day;
  readonly now: Instant;
}): readonly MonthOfWindow[] {
  const months = [...new Set(daysFrom(from, to).map((day) => day.slice(0, 7)))];
  return months.map((month) => {
    const { from: first, to: last } = monthDays(month);
    const window = { from: from > first ? from : first, to: to < last ? to : last, now };
    return { month, calendar: daysFrom(first, last), window };
  });
}

/** A window in about so many pieces of whole days: what is stored twice of one report lies within one day. */
export function piecesOf({ from, to, now }: SessionWindow, pieces: number): readonly SessionWindow[] {
  const days = daysFrom(from, to);
  const length = Math.max(1, Math.ceil(days.length / Math.max(1, pieces)));
  const windows: SessionWindow[] = [];
  for (let first = 0; first < days.length; first += length) {
    const last = Math.min(first + length, days.length) - 1;
    windows.push({ from: days[first] as Day, to: days[last] as Day, now });
  }
  return windows;
}

/** Months, oldest first, as one view: days ascending, reporters by domain and name, apart by domain (null last). */
export function joinMonths(months: readonly MonthFigures[]): Omit<ReportsView, 'from' | 'to'> {
  return {
    daily: months.flatMap(({ daily }) => daily),
    failing: months.flatMap(({ failing }) => failing),
    reporters: joinReporters(months.flatMap(({ reporters }) => reporters)),
    apart: joinApart(months.flatMap(({ apart }) => apart)),
    subdomains: joinSubdomains(months.flatMap(({ subdomains }) => subdomains)),
  };
}

function joinReporters(oldestFirst: readonly ReporterRecord[]): readonly ReporterRecord[] {
  const joined = new Map<string, ReporterRecord>();
  for (const newer of oldestFirst) {
    const at = `${newer.domain} ${newer.reporter}`;
    const older = joined.get(at);
    joined.set(at, older === undefined ? newer : joinReporter(older, newer));
  }
  return [...joined.values()].sort((a, b) => compare(a.domain, b.domain) || compare(a.reporter, b.reporter));
}

/** The newer name and policy stand; days and totals are put together. */
function joinReporter(older: ReporterRecord, newer: ReporterRecord): ReporterRecord {
  const policy = newer.policy_string === null ? older : newer;
  return {
    ...newer,
    organization_name: newer.organization_name ?? older.organization_name,
    days: [...older.days, ...newer.days],
    volumes: [...older.volumes, ...newer.volumes],
    last_received_at: newer.last_received_at > older.last_received_at ? newer.last_received_at : older.last_received_at,
    totals: joinTotals(newer.totals, older.totals),
    policy_string: policy.policy_string,
    policy_string_day: policy.policy_string_day,
    ...(newer.policies === undefined ? {} : { policies: joinPolicies(newer.policies, older.policies ?? []) }),
  };
}

/** The policy shown last first. */
function joinPolicies(newer: readonly AppliedPolicy[], older: readonly AppliedPolicy[]): readonly AppliedPolicy[] {
  const joined = new Map(newer.map((policy) => [policy.policy_string.join('\n'), policy]));
  for (const policy of older) {
    const at = policy.policy_string.join('\n');
    const again = joined.get(at);
    const { first_day } = policy;
    joined.set(
      at,
      again === undefined
        ? policy
        : {
            ...again,
            first_day,
            successful: again.successful + policy.successful,
            failed: again.failed + policy.failed,
          },
    );
  }
  return [...joined.values()];
}

function joinTotals(a: ReporterRecord['totals'], b: ReporterRecord['totals']): ReporterRecord['totals'] {
  const types = [...new Set([...a, ...b].map(({ policy_type }) => policy_type))].sort();
  return types.map((policy_type) => {
    const same = [...a, ...b].filter((total) => total.policy_type === policy_type);
    return {
      policy_type,
      successful: same.reduce((sum, { successful }) => sum + successful, 0),
      failed: same.reduce((sum, { failed }) => sum + failed, 0),
    };
  });
}

function joinApart(apart: readonly ReportsApart[]): readonly ReportsApart[] {
  const joined = new Map<string, ReportsApart>();
  for (const one of apart) {
    const at = `${one.domain ?? ''} ${one.reason}`;
    const other = joined.get(at);
    const reports = one.reports + (other?.reports ?? 0);
    const last = other === undefined || one.last_received_at > other.last_received_at ? one : other;
    joined.set(at, { ...one, reports, last_received_at: last.last_received_at });
  }
  return [...joined.values()].sort(
    (a, b) =>
      Number(a.domain === null) - Number(b.domain === null) ||
      compare(a.domain ?? '', b.domain ?? '') ||
      compare(a.reason, b.reason),
  );
}

function joinSubdomains(subdomains: readonly ReportedSubdomain[]): readonly ReportedSubdomain[] {
  const joined = new Map<string, ReportedSubdomain>();
  for (const one of subdomains) {
    const other = joined.get(one.name) ?? one;
    const again = other !== one;
    joined.set(one.name, {
      name: one.name,
      reports: one.reports + (again ? other.reports : 0),
      first_day: one.first_day < other.first_day ? one.first_day : other.first_day,
      last_day: one.last_day > other.last_day ? one.last_day : other.last_day,
      sessions: one.sessions + (again ? other.sessions : 0),
      has_policy: one.has_policy || other.has_policy,
    });
  }
  return [...joined.values()].sort((a, b) => compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
