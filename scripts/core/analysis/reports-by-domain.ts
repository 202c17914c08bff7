import type { DailySessions, FailingReporterDay, ReporterRecord, ReportsView } from '../reports/view.ts';

/** What the view holds of one domain: days ascending, reporters by name, so that no result depends on input order. */
export interface DomainReports {
  readonly daily: readonly DailySessions[];
  readonly failing: readonly FailingReporterDay[];
  readonly reporters: readonly ReporterRecord[];
}

const NONE: DomainReports = { daily: [], failing: [], reporters: [] };

/** One pass over the view; the result answers for any domain, also for one without a report. */
export function reportsByDomain(view: ReportsView): (domain: string) => DomainReports {
  const domains = new Map<
    string,
    { daily: DailySessions[]; failing: FailingReporterDay[]; reporters: ReporterRecord[] }
  >();
  const of = (domain: string) => {
    let found = domains.get(domain);
    if (found === undefined) {
      found = { daily: [], failing: [], reporters: [] };
      domains.set(domain, found);
    }
    return found;
  };
  for (const row of view.daily) of(row.domain).daily.push(row);
  for (const row of view.failing) of(row.domain).failing.push(row);
  for (const record of view.reporters) of(record.domain).reporters.push(record);
  for (const { daily, failing, reporters } of domains.values()) {
    // As they come from the store they are in order.
    if (daily.some(({ day }, at) => day < (daily[at - 1]?.day ?? ''))) daily.sort((a, b) => compare(a.day, b.day));
    if (failing.length > 1)
      failing.sort(
        (a, b) => compare(a.day, b.day) || compare(a.reporter, b.reporter) || compare(a.policy_type, b.policy_type),
      );
    if (reporters.length > 1) reporters.sort((a, b) => compare(a.reporter, b.reporter));
  }
  return (domain) => domains.get(domain) ?? NONE;
}

/** Code unit order: the same in every locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
