import { DailyTable } from '../reports/daily-table.ts';
import type { DailySessions, FailingReporterDay, ReporterRecord, ReportsView } from '../reports/view.ts';

/** What the view holds of one domain: days ascending, reporters by name, so that no result depends on input order. */
export interface DomainReports {
  readonly daily: readonly DailySessions[];
  readonly failing: readonly FailingReporterDay[];
  readonly reporters: readonly ReporterRecord[];
}

/** One pass over the view; the result answers for any domain, also for one without a report. */
export function reportsByDomain(view: ReportsView): (domain: string) => DomainReports {
  const dailyOf = dailyByDomain(view.daily);
  const failing = listsOf(
    view.failing,
    (a, b) => compare(a.day, b.day) || compare(a.reporter, b.reporter) || compare(a.policy_type, b.policy_type),
  );
  const reporters = listsOf(view.reporters, (a, b) => compare(a.reporter, b.reporter));
  return (domain) => ({
    // Made when it is asked for: of all domains at once it takes a tenth of a gigabyte.
    get daily() {
      return dailyOf(domain);
    },
    failing: failing(domain),
    reporters: reporters(domain),
  });
}

function dailyByDomain(daily: ReportsView['daily']): (domain: string) => readonly DailySessions[] {
  return daily instanceof DailyTable ? (domain) => daily.of(domain) : listsOf(daily, (a, b) => compare(a.day, b.day));
}

function listsOf<T extends { readonly domain: string }>(
  rows: Iterable<T>,
  order: (a: T, b: T) => number,
): (domain: string) => readonly T[] {
  const lists = Map.groupBy(rows, ({ domain }) => domain);
  for (const list of lists.values()) list.sort(order);
  return (domain) => lists.get(domain) ?? [];
}

/** Code unit order: the same in every locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
