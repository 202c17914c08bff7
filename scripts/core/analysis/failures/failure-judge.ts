import type { Day } from '../../clock.ts';
import type { Thresholds } from '../../config/types.ts';
import type { FailingReporterDay } from '../../reports/view.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import { crossesThreshold, RECOVERED_SHARE } from './threshold.ts';

/** What one reporter's failures of one category on one day amount to. */
export interface Verdict {
  /** Deserves a finding. */
  readonly crosses: boolean;
  /** More than this reporter usually has of it: too little for a finding by itself, enough to bear witness. */
  readonly elevated: boolean;
  /** The share of failed sessions up to which nothing is out of the ordinary: a finding recovers there. */
  readonly usual: number;
  /** The share that failed on a usual day before; null: not known. */
  readonly before: number | null;
}

/** A result type, null for failures without details, or all failures of the day together. */
export type Category = string | null | typeof WHOLE;
export const WHOLE = Symbol('all failures');

export type FailureJudge = (row: FailingReporterDay, category: Category, failed: number) => Verdict;

interface JudgeFacts {
  readonly reports: DomainReports;
  /** Every day of the window, ascending. */
  readonly days: readonly Day[];
  readonly thresholds: Thresholds;
}

/** How the failures of one domain are judged: against fixed limits, or against what is usual. */
export type JudgeOfDomain = (facts: JudgeFacts) => FailureJudge;

/** The fixed limits alone: more than 5 % is too much, whatever was usual. */
export const fixedLimits: JudgeOfDomain =
  ({ thresholds }) =>
  ({ successful, failed: ofDay }, _, failed) => {
    const sessions = successful === null ? null : successful + ofDay;
    return {
      crosses: crossesThreshold(failed, sessions, thresholds),
      elevated: true,
      usual: RECOVERED_SHARE,
      before: null,
    };
  };
