import type { DailySessions, FailingReporterDay, ReportsView } from '../reports/view.ts';

/** Sessions of one domain, day and policy type, with what failed. Never add `successful` or `failed` across policy types. */
export interface ReviewDay extends DailySessions {
  readonly failures: readonly DayFailure[];
}

/** Categories overlap (RFC 8460 §4): `sessions` need not add up to `failed`. */
interface DayFailure {
  readonly result_type: string;
  readonly reporter: string;
  /** Null when the report names none. */
  readonly mx: string | null;
  readonly sessions: number;
}

const NO_FAILURES: readonly DayFailure[] = [];

/** The view's days with their failures, in the order of the view; most sessions first within a day. */
export function reviewDays({ daily, failing }: ReportsView): readonly ReviewDay[] {
  const failures = new Map<string, DayFailure[]>();
  for (const row of failing) {
    const found = failures.get(keyOf(row)) ?? [];
    for (const { result_type, mx, sessions } of row.details)
      found.push({ result_type, reporter: row.reporter, mx, sessions });
    failures.set(keyOf(row), found);
  }
  for (const found of failures.values()) found.sort((a, b) => b.sessions - a.sessions);
  return [...daily].map((row) => ({
    ...row,
    failures: row.failed === 0 ? NO_FAILURES : (failures.get(keyOf(row)) ?? NO_FAILURES),
  }));
}

function keyOf({ domain, day, policy_type }: DailySessions | FailingReporterDay): string {
  return `${domain} ${day} ${policy_type}`;
}
