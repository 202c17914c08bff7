import {
  type Category,
  fixedLimits,
  type JudgeOfDomain,
  type Verdict,
} from '#scripts/core/analysis/failures/failure-judge.ts';
import { failureStreams } from '#scripts/core/analysis/failures/failure-streams.ts';
import type { FailingReporterDay } from '#scripts/core/reports/view.ts';

const LEAST_DAYS = 7;
/** The median absolute deviation as a standard deviation of normal noise. */
const NORMAL = 1.4826;

/**
 * The second model of docs/anomalies.md, playbook §5 to the letter in its robust variant: a share of failed sessions above
 * the median of 30 days by three deviations, twice that median, and above the limits of the plain rule.
 */
export const medianAndMad: JudgeOfDomain = (facts) => {
  const { reports, days, thresholds } = facts;
  const limits = fixedLimits(facts);
  const verdicts = new Map<FailingReporterDay, Map<Category, Verdict>>();
  for (const { category, sessions, failed, rows } of failureStreams(reports, days)) {
    for (const [index, row] of rows) {
      const count = failed[index] ?? 0;
      if (count === 0) continue;
      const shares: number[] = [];
      for (let day = Math.max(0, index - thresholds.baseline_days); day < index; day++) {
        const n = sessions[day] ?? Number.NaN;
        if (n > 0) shares.push((failed[day] ?? 0) / n);
      }
      const fixed = limits(row, category, count);
      const median = middle(shares);
      const deviation = NORMAL * middle(shares.map((share) => Math.abs(share - median)));
      const share = count / (sessions[index] ?? Number.NaN);
      const unusual = shares.length < LEAST_DAYS || (share > median + 3 * deviation && share >= 2 * median);
      const verdict = {
        crosses: fixed.crosses && unusual,
        elevated: unusual,
        usual: Math.max(0.01, median + deviation),
        before: shares.length < LEAST_DAYS ? null : median,
      };
      verdicts.set(row, (verdicts.get(row) ?? new Map<Category, Verdict>()).set(category, verdict));
    }
  }
  return (row, category, count) => verdicts.get(row)?.get(category) ?? limits(row, category, count);
};

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
