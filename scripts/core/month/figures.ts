import type { Mode } from '../../standards/mta-sts-policy.ts';
import { type Day, daysFrom } from '../clock.ts';
import type { DailySessions, ReportsApart, ReportsView } from '../reports/view.ts';
import { firstDay, lastDay, type Month } from './period.ts';

/**
 * The headline figures of a closed month, `figures.json`. They follow from the month's rows and ledgers alone, so that
 * `verify` can derive them again. Sessions, not messages; never added across policy types (RFC 8460 §4).
 */
export interface MonthFigures {
  readonly period: Month;
  readonly from: Day;
  readonly to: Day;
  /** By name. */
  readonly domains: readonly DomainMonth[];
  /** All domains together, by policy type. */
  readonly sessions: readonly SessionTotals[];
  /** Reports that are stored and not counted, and why. */
  readonly apart: readonly ReportsApart[];
}

export interface DomainMonth {
  readonly domain: string;
  readonly sessions: readonly SessionTotals[];
  /** Categories overlap: they need not add up to the failed sessions. Most sessions first. */
  readonly failures: readonly {
    readonly policy_type: string;
    readonly result_type: string;
    readonly sessions: number;
    readonly reporters: number;
  }[];
  /** Reporters with a believed report in the month, by name, with the days they reported. */
  readonly reporters: readonly { readonly reporter: string; readonly days: number }[];
  /** Days with at least one counted report. The others are unknown, not free of failures. */
  readonly days_with_data: number;
  /** Days on which a mode was in force all day or part of it, by the ledger; `unknown` where no ledger says. */
  readonly mode_days: Readonly<Record<Mode | 'unknown', number>>;
}

export interface SessionTotals {
  readonly policy_type: string;
  readonly successful: number;
  readonly failed: number;
  /** Policy entries whose counts the reporter did not give. */
  readonly unknown_entries: number;
}

export interface MonthFacts {
  readonly period: Month;
  readonly domains: readonly string[];
  /** Of the days of the month. */
  readonly reports: Pick<ReportsView, 'daily' | 'failing' | 'reporters' | 'apart'>;
  /** The mode announced at the end of a day, by the ledger; null where it does not say. */
  readonly modeOn: (domain: string, day: Day) => Mode | null;
}

export function monthFigures({ period, domains, reports, modeOn }: MonthFacts): MonthFigures {
  const [from, to] = [firstDay(period), lastDay(period)];
  const days = daysFrom(from, to);
  const daily = grouped(reports.daily);
  const failing = grouped(reports.failing);
  const reporters = grouped(reports.reporters);
  const managed = new Set(domains);
  return {
    period,
    from,
    to,
    domains: [...domains].sort().map((domain) => {
      const rows = daily.get(domain) ?? [];
      return {
        domain,
        sessions: totals(rows),
        failures: failures(failing.get(domain) ?? []),
        reporters: (reporters.get(domain) ?? []).map((one) => ({ reporter: one.reporter, days: one.days.length })),
        days_with_data: new Set(rows.map(({ day }) => day)).size,
        mode_days: modeDays(days.map((day) => modeOn(domain, day))),
      };
    }),
    sessions: totals([...reports.daily].filter(({ domain }) => managed.has(domain))),
    apart: reports.apart.filter(({ domain }) => domain === null || managed.has(domain)),
  };
}

function totals(rows: readonly DailySessions[]): readonly SessionTotals[] {
  const found = new Map<string, SessionTotals>();
  for (const { policy_type, successful, failed, unknown_entries } of rows) {
    const before = found.get(policy_type) ?? { policy_type, successful: 0, failed: 0, unknown_entries: 0 };
    found.set(policy_type, {
      policy_type,
      successful: before.successful + successful,
      failed: before.failed + failed,
      unknown_entries: before.unknown_entries + unknown_entries,
    });
  }
  return [...found.values()].sort((a, b) => compare(a.policy_type, b.policy_type));
}

function failures(rows: ReportsView['failing']): DomainMonth['failures'] {
  const found = new Map<string, { policy_type: string; result_type: string; sessions: number; by: Set<string> }>();
  for (const { policy_type, reporter, details } of rows) {
    for (const { result_type, sessions } of details) {
      const key = `${policy_type} ${result_type}`;
      const one = found.get(key) ?? { policy_type, result_type, sessions: 0, by: new Set() };
      one.sessions += sessions;
      one.by.add(reporter);
      found.set(key, one);
    }
  }
  return [...found.values()]
    .map(({ by, ...one }) => ({ ...one, reporters: by.size }))
    .sort(
      (a, b) =>
        b.sessions - a.sessions || compare(a.policy_type, b.policy_type) || compare(a.result_type, b.result_type),
    );
}

function modeDays(modes: readonly (Mode | null)[]): DomainMonth['mode_days'] {
  const days = { enforce: 0, testing: 0, none: 0, unknown: 0 };
  for (const mode of modes) days[mode ?? 'unknown'] += 1;
  return days;
}

function grouped<R extends { readonly domain: string }>(rows: Iterable<R>): ReadonlyMap<string, readonly R[]> {
  return Map.groupBy(rows, ({ domain }) => domain);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
