import type { Day } from '../../clock.ts';
import type { FailingReporterDay } from '../../reports/view.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import { formerNames } from '../volume/renamed-reporters.ts';
import { type Category, WHOLE } from './failure-judge.ts';

/** One reporter's failures of one category under one policy type, day by day over the window. */
export interface FailureStream {
  readonly reporter: string;
  readonly policy_type: string;
  readonly category: Category;
  /** Sessions by day; NaN where the reporter said nothing, or not how many. */
  readonly sessions: Float64Array;
  readonly failed: Float64Array;
  readonly rows: ReadonlyMap<number, FailingReporterDay>;
}

/** What a row says of each category: no category counts for more than the sessions that failed (RFC 8460 §4). */
function categoriesOf(row: FailingReporterDay): ReadonlyMap<Category, number> {
  const counts = new Map<Category, number>([[WHOLE, row.failed]]);
  let explained = 0;
  for (const { result_type, sessions } of row.details) {
    const type = result_type === 'unspecified' ? null : result_type;
    counts.set(type, (counts.get(type) ?? 0) + sessions);
    explained += sessions;
  }
  if (row.failed > explained) counts.set(null, (counts.get(null) ?? 0) + row.failed - explained);
  for (const [category, count] of counts) counts.set(category, Math.min(row.failed, count));
  return counts;
}

/**
 * The streams of everyone who failed at all; a sender that has another name now is one with what it was before. How many sessions a clean day had under this policy type is not in the view:
 * it is taken from the reporter's volume of that day and the policy type's part in all its clean days, which is exact in
 * sum. Failing days are exact.
 */
export function failureStreams(reports: DomainReports, days: readonly Day[]): readonly FailureStream[] {
  const at = new Map(days.map((day, index) => [day, index]));
  const former = formerNames(reports.reporters);
  const failing = new Map<string, FailingReporterDay[]>();
  for (const row of reports.failing) {
    const key = keyOf(former.get(row.reporter) ?? row.reporter, row.policy_type);
    const rows = failing.get(key);
    if (rows === undefined) failing.set(key, [row]);
    else rows.push(row);
  }
  const streams: FailureStream[] = [];
  for (const rows of failing.values()) streams.push(...streamsOf(rows, reports, days.length, at, former));
  return streams;
}

function streamsOf(
  rows: readonly FailingReporterDay[],
  { reporters }: DomainReports,
  length: number,
  at: ReadonlyMap<Day, number>,
  former: ReadonlyMap<string, string>,
): readonly FailureStream[] {
  const first = rows[0];
  if (first === undefined) return [];
  const { policy_type } = first;
  const reporter = former.get(first.reporter) ?? first.reporter;
  const byIndex = new Map<number, FailingReporterDay>();
  const failedBy = new Map<Category, Float64Array>();
  // By the name of the day: a total is kept for each name of a sender.
  const failingSessions = new Map<string, number>();
  for (const row of rows) {
    const index = at.get(row.day);
    if (index === undefined) continue;
    byIndex.set(index, row);
    const before = failingSessions.get(row.reporter) ?? 0;
    failingSessions.set(row.reporter, before + (row.successful ?? 0) + row.failed);
    for (const [category, failed] of categoriesOf(row)) {
      const counts = failedBy.get(category) ?? new Float64Array(length);
      failedBy.set(category, counts);
      counts[index] = failed;
    }
  }
  const sessions = new Float64Array(length).fill(Number.NaN);
  for (const record of reporters) {
    if ((former.get(record.reporter) ?? record.reporter) !== reporter) continue;
    const total = record.totals.find((one) => one.policy_type === policy_type);
    const ofFailing = failingSessions.get(record.reporter) ?? 0;
    const cleanSessions = Math.max(0, (total?.successful ?? 0) + (total?.failed ?? 0) - ofFailing);
    let cleanVolume = 0;
    for (const [place, day] of record.days.entries())
      if (!byIndex.has(at.get(day) ?? -1)) cleanVolume += record.volumes[place] ?? 0;
    const part = cleanVolume > 0 ? Math.min(1, cleanSessions / cleanVolume) : 0;
    for (const [place, day] of record.days.entries()) {
      const index = at.get(day);
      const volume = Math.round((record.volumes[place] ?? 0) * part);
      if (index !== undefined && volume > 0) sessions[index] = volume;
    }
  }
  for (const [index, row] of byIndex)
    sessions[index] = row.successful === null ? Number.NaN : row.successful + row.failed;
  return [...failedBy].map(([category, failed]) => ({
    reporter,
    policy_type,
    category,
    sessions,
    failed,
    rows: byIndex,
  }));
}

function keyOf(reporter: string, policyType: string): string {
  return `${policyType} ${reporter}`;
}
