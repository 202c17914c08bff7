import { type Day, dayOf, daysFrom } from '#scripts/core/clock.ts';
import { lastWeek, mondayOf, sundayOf, type Week, weekBefore } from '#scripts/core/digest/week.ts';
import { policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import type { SiteFacts } from './domain-facts.ts';
import type { Redaction } from './redaction.ts';
import { count, daySpan, number, successShare } from './words.ts';

/** One week of all domains together, by policy type. */
export interface WeekRow {
  readonly week: Week;
  /** As the explorer asks for them. */
  readonly days: { readonly from: Day; readonly to: Day };
  readonly span: string;
  readonly totals: readonly {
    readonly policy_type: string;
    readonly sessions: string;
    readonly failed: string;
    readonly anyFailed: boolean;
    readonly share: string | null;
  }[];
  readonly domains: string;
  /** The result type with most failed sessions, and who saw most of it. */
  readonly leading: { readonly result_type: string; readonly sessions: string; readonly reporter: string } | null;
}

const SHOWN = 12;

/** Complete weeks, newest first, as far as the days of the pictures reach. */
export function weekRows({ domains, days, now }: SiteFacts, redact: Redaction): readonly WeekRow[] {
  const first = days[0] ?? dayOf(now);
  const weeks: Week[] = [];
  for (let week = lastWeek(now); mondayOf(week) >= first && weeks.length < SHOWN; week = weekBefore(week))
    weeks.push(week);
  const weekOf = new Map(weeks.flatMap((week) => daysFrom(mondayOf(week), sundayOf(week)).map((day) => [day, week])));
  const sums = weekSums(domains, weekOf);
  const failing = Map.groupBy(
    domains.flatMap(({ reports }) => reports.failing),
    ({ day }) => weekOf.get(day),
  );
  return weeks.map((week) => {
    const { types, domains: reported } = sums.get(week) ?? NOTHING;
    return {
      week,
      days: { from: mondayOf(week), to: sundayOf(week) },
      span: daySpan(mondayOf(week), sundayOf(week)),
      totals: policyTypesOf([...types.values()]).map((policy_type) => {
        const { good, bad } = types.get(policy_type) ?? { good: 0, bad: 0 };
        const share = successShare(good, bad);
        return { policy_type, sessions: number(good + bad), failed: number(bad), anyFailed: bad > 0, share };
      }),
      domains: count(reported.size, 'domain'),
      leading: leadingOf(failing.get(week) ?? [], redact),
    };
  });
}

/** What reports count in a week: by policy type, and of which domains. */
interface WeekSum {
  readonly types: Map<string, { readonly policy_type: string; good: number; bad: number }>;
  readonly domains: Set<string>;
}
const NOTHING: WeekSum = { types: new Map(), domains: new Set() };

/** Domain by domain: the days of a whole fleet at once are a million rows. */
function weekSums(domains: SiteFacts['domains'], weekOf: ReadonlyMap<Day, Week>): ReadonlyMap<Week, WeekSum> {
  const sums = new Map<Week, WeekSum>();
  for (const { config, reports } of domains) {
    for (const { day, policy_type, successful, failed } of reports.daily) {
      const week = weekOf.get(day);
      if (week === undefined) continue;
      const sum = sums.get(week) ?? { types: new Map(), domains: new Set() };
      sums.set(week, sum);
      const type = sum.types.get(policy_type) ?? { policy_type, good: 0, bad: 0 };
      sum.types.set(policy_type, type);
      type.good += successful;
      type.bad += failed;
      sum.domains.add(config.domain);
    }
  }
  return sums;
}

type Failing = SiteFacts['domains'][number]['reports']['failing'];

function leadingOf(failing: Failing, redact: Redaction): WeekRow['leading'] {
  const types = new Map<string, Map<string, number>>();
  for (const { reporter, details } of failing)
    for (const { result_type, sessions } of details) {
      const by = types.get(result_type) ?? new Map<string, number>();
      types.set(result_type, by.set(reporter, (by.get(reporter) ?? 0) + sessions));
    }
  const [most] = [...types]
    .map(([type, by]) => ({ type, by, all: sum([...by.values()]) }))
    .sort((a, b) => b.all - a.all);
  if (most === undefined) return null;
  const [reporter] = [...most.by].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return { result_type: most.type, sessions: count(most.all, 'session'), reporter: redact.text(reporter, 80) };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
