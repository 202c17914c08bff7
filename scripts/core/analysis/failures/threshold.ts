import type { Thresholds } from '../../config/types.ts';

/** A finding closes at this share of failed sessions or less, when nothing else is known to be usual. */
export const RECOVERED_SHARE = 0.01;

/** The parts of a million that shares are compared in: 5 % exactly must not depend on rounding. */
const PARTS = 1_000_000;

/**
 * Does one reporter's day deserve a finding? More than 5 % (strictly) of at least 20 sessions with at least 3 failures,
 * or every one of at least 3 sessions. `sessions` null = the reporter did not say how many succeeded: no share, no verdict.
 */
export function crossesThreshold(
  failed: number,
  sessions: number | null,
  { failure_share, min_failures, min_sessions }: Pick<Thresholds, 'failure_share' | 'min_failures' | 'min_sessions'>,
): boolean {
  if (sessions === null || failed < min_failures) return false;
  if (failed >= sessions) return true;
  return sessions >= min_sessions && failed * PARTS > sessions * Math.round(failure_share * PARTS);
}

/**
 * Is this what is left when a fault has gone? A finding opens above 5 % and closes only at 1 % or less, or at what is
 * usual: between the two lies the ordinary noise of a large sender, and a fault that hovers around 5 % does not flap.
 */
export function isRecovered(failed: number, sessions: number | null, usual: number = RECOVERED_SHARE): boolean {
  return failed === 0 || (sessions !== null && failed * PARTS <= sessions * Math.round(usual * PARTS));
}
