import { parseHostName } from '../../../standards/domain-name.ts';
import type { FailingReporterDay } from '../../reports/view.ts';
import type { KnownSenderIssueTest } from '../sender-issues.ts';
import { type FailureJudge, WHOLE } from './failure-judge.ts';
import { isRecovered } from './threshold.ts';

/**
 * One failure of one reporter's day under one policy type: a result type on one MX host, as far as the report names one,
 * or what no result type explains.
 */
export interface ReporterFailure {
  readonly row: FailingReporterDay;
  /** `anomaly-rate` for failures without details, and when the day as a whole crosses the threshold and no single type does. */
  readonly rule: string;
  /** Null for `anomaly-rate`. */
  readonly result_type: string | null;
  /** A host name, folded; null when the report names none or something else. */
  readonly mx: string | null;
  readonly failed: number;
  /** Null = the reporter did not say. */
  readonly sessions: number | null;
  /** Deserves a finding. */
  readonly crosses: boolean;
  /** Keeps a finding open that another day opened. */
  readonly failing: boolean;
  /** More than this reporter usually has of it. */
  readonly elevated: boolean;
  /** The share of failed sessions up to which it recovers. */
  readonly usual: number;
  /** The share that failed on a usual day before; null: not known. */
  readonly before: number | null;
  /** Declared as a known sender issue. */
  readonly filtered: boolean;
  readonly reasons: readonly string[];
}

/**
 * One reporter's day as failures. The judge is asked of each result type over all MX hosts, because one fault often
 * shows on several of them. Categories overlap (RFC 8460 §4), so none counts for more than the sessions that failed.
 */
export function reporterFailures(
  row: FailingReporterDay,
  isKnown: KnownSenderIssueTest,
  judge: FailureJudge,
): readonly ReporterFailure[] {
  if (row.failed <= 0) return [];
  const sessions = row.successful === null ? null : row.successful + row.failed;
  const failures: ReporterFailure[] = [];
  let known = 0;
  for (const [result_type, hosts] of categories(row)) {
    const ofType = Math.min(row.failed, sum([...hosts.values()].map((count) => count.failed)));
    const { crosses, elevated, usual, before } = judge(row, result_type, ofType);
    const filtered = result_type !== null && isKnown(row, result_type);
    if (filtered) known += ofType;
    for (const [mx, count] of hosts) {
      const failed = Math.min(row.failed, count.failed);
      const failing = !isRecovered(failed, sessions, usual);
      const { reasons } = count;
      failures.push({
        row,
        rule: result_type ?? 'anomaly-rate',
        result_type,
        mx,
        failed,
        sessions,
        crosses: crosses && failing,
        failing,
        elevated,
        usual,
        before,
        filtered,
        reasons,
      });
    }
  }
  const whole = judge(row, WHOLE, row.failed);
  if (whole.crosses && !failures.some(({ crosses }) => crosses)) {
    const filtered = known > 0 && isRecovered(Math.max(0, row.failed - known), sessions, Math.max(0.05, whole.usual));
    // Failures without details are part of the day as a whole: one entry for both, or they would count twice.
    const typed = failures.filter(({ result_type }) => result_type !== null);
    const day = { row, mx: null, failed: row.failed, sessions, crosses: true, failing: true };
    const rest = { elevated: true, usual: whole.usual, before: whole.before, filtered, reasons: [] };
    return [...typed, { ...day, ...rest, rule: 'anomaly-rate', result_type: null }];
  }
  return failures;
}

/** What the store calls failures without details. */
const UNSPECIFIED = 'unspecified';

interface CategoryCount {
  readonly failed: number;
  readonly reasons: readonly string[];
}

/** Failed sessions by result type and MX host; what the details leave over stands under null. */
function categories(row: FailingReporterDay): ReadonlyMap<string | null, ReadonlyMap<string | null, CategoryCount>> {
  const types = new Map<string | null, Map<string | null, CategoryCount>>();
  const add = (type: string | null, mx: string | null, failed: number, reasons: readonly string[]) => {
    const hosts = types.get(type) ?? new Map<string | null, CategoryCount>();
    types.set(type, hosts);
    const before = hosts.get(mx);
    hosts.set(mx, { failed: (before?.failed ?? 0) + failed, reasons: [...(before?.reasons ?? []), ...reasons] });
  };
  for (const { result_type, mx, sessions, reasons } of row.details) {
    const type = result_type === UNSPECIFIED ? null : result_type;
    if (sessions > 0) add(type, mx === null ? null : parseHostName(mx), sessions, reasons);
  }
  const rest = row.failed - sum(row.details.map(({ sessions }) => sessions));
  if (rest > 0) add(null, null, rest, []);
  return types;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
