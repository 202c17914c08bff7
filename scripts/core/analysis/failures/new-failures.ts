import { addDays, type Day } from '../../clock.ts';
import type { Thresholds } from '../../config/types.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import type { FailureGroup } from './failure-groups.ts';
import type { ReporterFailure } from './reporter-failures.ts';

/** Days with reports and none of these failures that must have gone before. */
const LEAST_DAYS_BEFORE = 14;
/** On so many days of the first seven with reports, and so many failures in them: one burst is chance. */
const FIRST_DAYS = 7;
const LEAST_FAILING_DAYS = 3;
const LEAST_FAILURES = 10;
/** That nothing of it showed before, by chance. */
const BY_CHANCE = 1e-3;
/** Failed sessions come in clusters, so they prove less than their number. */
const CLUSTER = 2;

/**
 * The failures of a group as ones that open a finding, when they are of a type that a reporter did not have there before
 * (`anomaly-new-failure`); null when nothing of the kind can be said. No rate is asked for. What is asked is that a
 * reporter with two weeks of reports and none of it has it on several days now, so often that the same small share in the
 * weeks before would have shown: of all its sessions the last ones alone would have had every failure. After a baseline of
 * days it is new no longer.
 */
export function asNewFailures(
  { subject, failures }: FailureGroup,
  reports: DomainReports,
  { baseline_days }: Thresholds,
  today: Day,
): readonly ReporterFailure[] | null {
  if (subject.result_type === null) return null;
  const oldest = addDays(today, -baseline_days);
  const fresh = new Set<string>();
  for (const [reporter, own] of Map.groupBy(failures, ({ row }) => row.reporter)) {
    const first = own[0]?.row.day;
    if (first === undefined || first < oldest || own.some(({ filtered }) => filtered)) continue;
    if (isNew(reporter, first, own, reports)) fresh.add(reporter);
  }
  if (fresh.size === 0) return null;
  return failures.filter(({ row }) => fresh.has(row.reporter)).map((one) => ({ ...one, crosses: true, failing: true }));
}

function isNew(
  reporter: string,
  first: Day,
  failures: readonly ReporterFailure[],
  { reporters }: DomainReports,
): boolean {
  let sessionsBefore = 0;
  let daysBefore = 0;
  let sessions = 0;
  const days: Day[] = [];
  for (const record of reporters) {
    if (record.reporter !== reporter) continue;
    for (const [place, day] of record.days.entries()) {
      const volume = record.volumes[place] ?? 0;
      if (day < first) {
        sessionsBefore += volume;
        daysBefore++;
      } else if (days.length < FIRST_DAYS) {
        sessions += volume;
        days.push(day);
      }
    }
  }
  const last = days.at(-1) ?? first;
  const early = failures.filter(({ row }) => row.day <= last);
  const failing = new Set(early.map(({ row }) => row.day)).size;
  const failed = early.reduce((sum, one) => sum + one.failed, 0);
  if (daysBefore < LEAST_DAYS_BEFORE || failing < LEAST_FAILING_DAYS || failed < LEAST_FAILURES) return false;
  return (sessions / (sessions + sessionsBefore)) ** (failed / CLUSTER) <= BY_CHANCE;
}
