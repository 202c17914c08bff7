import type { Day } from '../../clock.ts';
import { compare } from '../reports-by-domain.ts';
import type { ReporterFailure } from './reporter-failures.ts';

/** The failing days up to now that no two clean days separate: one finding. */
export interface FailureRun {
  readonly since: Day;
  readonly last_seen: Day;
  readonly state: 'open' | 'recovering';
  /** Reporters that crossed the threshold in this run, sorted. */
  readonly reporters: readonly string[];
  /** Failures of those reporters in this run, by day. */
  readonly failures: readonly ReporterFailure[];
}

/** Did this reporter report this domain on this day, under this policy type as far as can be told? */
export type HasData = (reporter: string, day: Day, policyType: string) => boolean;

/** One clean day may be luck. */
const CLEAN_DAYS_TO_CLOSE = 2;

/**
 * The run that is going on, or null when there is none: never above the threshold, or closed by two complete clean days
 * with data since. A day is clean when none of the reporters that failed fails any more and those behind at least half
 * of the failed sessions have reported; days without their data prove nothing.
 */
export function currentRun(
  failures: readonly ReporterFailure[],
  days: readonly Day[],
  newestComplete: Day,
  hasData: HasData,
): FailureRun | null {
  const crossing = new Set(failures.filter(({ crosses }) => crosses).map(({ row }) => row.reporter));
  const byDay = new Map<Day, ReporterFailure[]>();
  for (const failure of failures) {
    if (!failure.failing || !crossing.has(failure.row.reporter)) continue;
    const day = byDay.get(failure.row.day);
    if (day === undefined) byDay.set(failure.row.day, [failure]);
    else day.push(failure);
  }

  let run: ReporterFailure[] = [];
  let cleanDays = 0;
  for (const day of days) {
    const failing = byDay.get(day);
    if (failing !== undefined) {
      run.push(...failing);
      cleanDays = 0;
    } else if (run.length > 0 && day <= newestComplete && isClean(day, run, hasData)) {
      cleanDays++;
      if (cleanDays >= CLEAN_DAYS_TO_CLOSE) run = [];
    }
  }

  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined || !run.some(({ crosses }) => crosses)) return null;
  const reporters = new Set(run.filter(({ crosses }) => crosses).map(({ row }) => row.reporter));
  return {
    since: first.row.day,
    last_seen: last.row.day,
    state: cleanDays > 0 ? 'recovering' : 'open',
    reporters: [...reporters].sort(compare),
    failures: run.filter(({ row }) => reporters.has(row.reporter)),
  };
}

/** Nobody fails on this day: have those who would know spoken? */
function isClean(day: Day, run: readonly ReporterFailure[], hasData: HasData): boolean {
  let behind = 0;
  let spoken = 0;
  for (const { row, failed } of run) {
    behind += failed;
    if (hasData(row.reporter, day, row.policy_type)) spoken += failed;
  }
  return spoken > 0 && spoken * 2 >= behind;
}
