import { newestCompleteDay } from '#scripts/core/analysis/complete-days.ts';
import type { Day, Instant } from '#scripts/core/clock.ts';
import type { DailySessions } from '#scripts/core/reports/view.ts';
import { count, dayAndMonth, daySpan, inWords, list, number, sentence, successShare } from './words.ts';

/** One day under one policy type. Null = no report says: never zero. */
export interface DailyFigures {
  readonly day: Day;
  readonly successful: number | null;
  readonly failed: number | null;
}

interface TrendDay extends DailyFigures {
  readonly reporters: number;
  /** Policy entries of that day whose counts the reporter left out. */
  readonly unknown_entries: number;
}

/** Sessions of one domain by day under one policy type; counts of different types are never added (RFC 8460 §4). */
export interface Trend {
  readonly policy_type: string;
  readonly days: readonly TrendDay[];
  readonly successful: number;
  readonly failed: number;
  readonly share: string | null;
  readonly days_with_data: number;
}

export function trendOf(policyType: string, daily: readonly DailySessions[], days: readonly Day[]): Trend {
  const rows = new Map<Day, DailySessions>();
  for (const row of daily) if (row.policy_type === policyType) rows.set(row.day, row);
  let [successful, failed, daysWithData] = [0, 0, 0];
  const shown = days.map((day): TrendDay => {
    const row = rows.get(day);
    if (row === undefined) return { day, successful: null, failed: null, reporters: 0, unknown_entries: 0 };
    const { reporters, unknown_entries } = row;
    // Entries without counts and nothing else: something was reported, how much is not known.
    if (unknown_entries > 0 && row.successful + row.failed === 0)
      return { day, successful: null, failed: null, reporters, unknown_entries };
    successful += row.successful;
    failed += row.failed;
    daysWithData++;
    return { day, successful: row.successful, failed: row.failed, reporters, unknown_entries };
  });
  const share = successShare(successful, failed);
  return { policy_type: policyType, days: shown, successful, failed, share, days_with_data: daysWithData };
}

/** What the picture shows, for those who do not see it and for those who do. */
export function trendSentence(trend: Trend, now: Instant): string {
  const { days, successful, failed, days_with_data } = trend;
  const span = daySpan(days[0]?.day ?? ('' as Day), days.at(-1)?.day ?? ('' as Day));
  const total = `From ${span}, reports count ${count(successful + failed, 'session')}`;
  const late = days.at(-1)?.day;
  const arriving =
    late !== undefined && late > newestCompleteDay(now) ? ` Reports of ${dayAndMonth(late)} may still arrive.` : '';
  return `${total}; ${failures(trend)}. ${gaps(days.length - days_with_data, days.length)}${arriving}`;
}

function failures({ days, failed }: Trend): string {
  const failing = days.filter((day) => (day.failed ?? 0) > 0);
  const worst = failing.reduce<TrendDay | null>(
    (most, day) => ((day.failed ?? 0) > (most?.failed ?? 0) ? day : most),
    null,
  );
  if (worst === null) return 'none failed';
  const most = `${dayAndMonth(worst.day)}${failing.length === 1 ? '' : `: ${number(worst.failed ?? 0)}`}`;
  return failing.length === 1
    ? `${number(failed)} failed, all on ${most}`
    : `${number(failed)} failed, on ${count(failing.length, 'day')}, most on ${most}`;
}

function gaps(missing: number, days: number): string {
  if (missing === 0) return 'Every day has a report.';
  if (missing === days) return 'No day has a report.';
  return `${sentence(inWords(missing))} of the ${days} days ${missing === 1 ? 'has' : 'have'} no figures: hatched.`;
}

/** Runs of days without figures, both ends included. */
export function gapsOf(trend: {
  readonly days: readonly DailyFigures[];
}): readonly { readonly from: Day; readonly to: Day }[] {
  const runs: { from: Day; to: Day }[] = [];
  let open: { from: Day; to: Day } | null = null;
  for (const { day, successful } of trend.days) {
    if (successful !== null) open = null;
    else if (open === null) {
      open = { from: day, to: day };
      runs.push(open);
    } else open.to = day;
  }
  return runs;
}

const MEANINGS: Readonly<Record<string, string>> = {
  sts: 'the MTA-STS policy was applied',
  tlsa: 'TLSA records (DANE) were applied',
  'no-policy-found': 'the sender found no policy: TLS was opportunistic',
};

/** What a policy type says, for a person; a type outside RFC 8460 §4.4 says nothing. */
export function policyTypeMeaning(policyType: string): string {
  return MEANINGS[policyType] ?? 'a type that RFC 8460 does not name';
}

/** For the small line beside the numbers in the overview. */
export function sparkText(trend: Trend): string {
  const failing = trend.days.filter((day) => (day.failed ?? 0) > 0).length;
  const parts = [`${trend.days_with_data} of ${count(trend.days.length, 'day')} with figures`];
  if (failing > 0) parts.push(`failures on ${number(failing)}`);
  return list(parts);
}
