import type { Day } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { DailySessions } from '../../reports/view.ts';
import type { FailureJudge } from '../failures/failure-judge.ts';
import { reporterFailures } from '../failures/reporter-failures.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import type { KnownSenderIssueTest } from '../sender-issues.ts';

/** Days in a row without any session under `sts` that start the count anew when exceeded. */
const LONGEST_GAP = 3;
/** Sessions under `sts` that make a day count; a domain of low volume needs one. */
const SESSION_FLOOR = 20;

export interface CleanDays {
  readonly count: number;
  /** The earliest day that counts; null when none does. */
  readonly first: Day | null;
}

export interface CleanDaysFacts {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  /** The window, ascending. */
  readonly days: readonly Day[];
  readonly newestComplete: Day;
  readonly isKnown: KnownSenderIssueTest;
}

/**
 * Clean days in a row up to the newest complete day, as far as reports tell. A day is clean with a believed report,
 * enough sessions under `sts`, all counts given, and no failed one unless it is a known sender issue. A day with
 * failures starts the count anew; a day without data neither counts nor does so, but more than three in a row do; a day
 * with too few sessions does not count and ends such a gap.
 *
 * Which policy version a day's sessions saw is not asked here: a report does not carry the `id`.
 */
export function cleanDays({ config, reports, days, newestComplete, isKnown }: CleanDaysFacts): CleanDays {
  const floor = config.volume === 'low' ? 1 : SESSION_FLOOR;
  const known = knownFailures(reports, isKnown);
  const rowOf = backwards(reports.daily);
  let count = 0;
  let first: Day | null = null;
  let gap = 0;
  const last = days.findLastIndex((day) => day <= newestComplete);
  for (let index = last; index >= 0; index--) {
    const day = days[index] as Day;
    const row = rowOf(day);
    const sessions = row === undefined ? 0 : row.successful + row.failed;
    if (row === undefined || (sessions === 0 && row.unknown_entries === 0)) {
      gap++;
      if (gap > LONGEST_GAP) break;
      continue;
    }
    if (row.failed > (known.get(day) ?? 0)) break;
    gap = 0;
    if (sessions >= floor && row.unknown_entries === 0) {
      count++;
      first = day;
    }
  }
  return { count, first };
}

/** The row of a day under `sts`, for days that are asked for from the last to the first; the rows come by day. */
function backwards(daily: readonly DailySessions[]): (day: Day) => DailySessions | undefined {
  let at = daily.length - 1;
  return (day) => {
    for (; at >= 0; at--) {
      const row = daily[at];
      if (row === undefined || row.day < day) return undefined;
      if (row.day === day && row.policy_type === 'sts') return row;
    }
    return undefined;
  };
}

/** A single failure makes a day unclean, whatever is usual. */
const NO_LIMIT: FailureJudge = () => ({ crosses: false, elevated: true, usual: 0, before: null });

/** Failed sessions under `sts` by day, of reporters whose every failure of that day is declared as known. */
function knownFailures(reports: DomainReports, isKnown: KnownSenderIssueTest): ReadonlyMap<Day, number> {
  const known = new Map<Day, number>();
  for (const row of reports.failing) {
    if (row.policy_type !== 'sts') continue;
    const categories = reporterFailures(row, isKnown, NO_LIMIT).filter(({ result_type }) => result_type !== null);
    if (categories.every(({ filtered }) => filtered)) known.set(row.day, (known.get(row.day) ?? 0) + row.failed);
  }
  return known;
}
