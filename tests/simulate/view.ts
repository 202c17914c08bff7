import { addDays, type Day, dayOf, type Instant } from '#scripts/core/clock.ts';
import type { DailySessions, FailingReporterDay, ReporterRecord, ReportsView } from '#scripts/core/reports/view.ts';
import type { SimulatedRow } from './year.ts';

const WINDOW_DAYS = 90;

/** What the store would say of these rows at `now`: the same figures as core/reports/sessions.ts, without the files. */
export function viewAt(domain: string, rows: readonly SimulatedRow[], now: Instant): ReportsView {
  const to = dayOf(now);
  const from = addDays(to, 1 - WINDOW_DAYS);
  const daily = new Map<string, { -readonly [K in keyof DailySessions]: DailySessions[K] }>();
  const failing: FailingReporterDay[] = [];
  const reporters = new Map<string, Building>();
  for (const row of rows) {
    if (row.day < from || row.day > to || row.received_at > now) continue;
    const { day, policy_type, successful, failed } = row;
    const key = `${day} ${policy_type}`;
    const sums = daily.get(key);
    if (sums === undefined)
      daily.set(key, { domain, day, policy_type, successful, failed, unknown_entries: 0, reporters: 1 });
    else {
      sums.successful += successful;
      sums.failed += failed;
      sums.reporters++;
    }
    if (failed > 0) failing.push(failingDay(domain, row));
    addTo(reporters, domain, row);
  }
  return {
    from,
    to,
    daily: [...daily.values()],
    failing,
    reporters: [...reporters.values()],
    apart: [],
    subdomains: [],
    warnings: [],
  };
}

function failingDay(domain: string, row: SimulatedRow): FailingReporterDay {
  const { day, policy_type, reporter, successful, failed, details } = row;
  const reasons: readonly string[] = [];
  const report_sha256: readonly string[] = [];
  const counts = details.map((detail) => ({ ...detail, reasons }));
  return {
    domain,
    day,
    policy_type,
    reporter,
    organization_name: null,
    successful,
    failed,
    details: counts,
    report_sha256,
  };
}

interface Building extends Omit<ReporterRecord, 'days' | 'volumes' | 'totals' | 'last_received_at'> {
  readonly days: Day[];
  readonly volumes: number[];
  readonly totals: { policy_type: string; successful: number; failed: number }[];
  last_received_at: Instant;
}

function addTo(reporters: Map<string, Building>, domain: string, row: SimulatedRow): void {
  const { reporter, day, policy_type, successful, failed, received_at } = row;
  let record = reporters.get(reporter);
  if (record === undefined) {
    record = {
      domain,
      reporter,
      organization_name: null,
      days: [],
      volumes: [],
      last_received_at: received_at,
      totals: [],
      policy_string: null,
      policy_string_day: null,
    };
    reporters.set(reporter, record);
  }
  if (received_at > record.last_received_at) record.last_received_at = received_at;
  const sessions = successful + failed;
  if (record.days.at(-1) === day) record.volumes.push(Math.max(record.volumes.pop() ?? 0, sessions));
  else {
    record.days.push(day);
    record.volumes.push(sessions);
  }
  const total = record.totals.find((one) => one.policy_type === policy_type);
  if (total === undefined) record.totals.push({ policy_type, successful, failed });
  else {
    total.successful += successful;
    total.failed += failed;
  }
}
