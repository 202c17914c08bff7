import { type ReviewDay, reviewDays } from '../core/analysis/review-days.ts';
import type { Problem } from '../core/problem.ts';
import type { Review } from '../core/review.ts';
import { type GatherOptions, gather } from './review/gather.ts';

export interface ReviewResult extends Review {
  /** Of the domains asked for, by day. */
  readonly days: readonly ReviewDay[];
  /** Errors of the configuration: the domains they stand in are left out of the review. */
  readonly problems: readonly Problem[];
  /** Stored files that could not be read: their reports are missing from every figure. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
  /** Only where there are any: damaged files of what was counted before. It was counted anew, and the next ingest replaces them. */
  readonly recounted?: readonly string[];
}

/** The judgement of the named domains, or of all: a function of what was received at or before `now`. Changes nothing. */
export async function review(options: GatherOptions): Promise<ReviewResult> {
  const { configuration, reports, review: judged, unreadable, recounted } = await gather(options);
  const problems = configuration.problems.filter(({ severity }) => severity === 'error');
  return {
    ...judged,
    // Made when somebody reads them: a fleet has a million.
    get days() {
      return reviewDays(reports);
    },
    problems,
    unreadable,
    ...(recounted.length > 0 ? { recounted } : {}),
  };
}
