/** Failures fewer than this are chance. */
const LEAST_FAILURES = 3;
/** A share of fewer sessions than this says little, unless it is all of them. */
const LEAST_SESSIONS = 20;

/**
 * Does one reporter's day deserve a finding? More than 5 % (strictly) of at least 20 sessions with at least 3 failures,
 * or every one of at least 3 sessions. `sessions` null = the reporter did not say how many succeeded: no share, no verdict.
 */
export function crossesThreshold(failed: number, sessions: number | null): boolean {
  if (sessions === null || failed < LEAST_FAILURES) return false;
  if (failed >= sessions) return true;
  // failed / sessions > 1 / 20, in whole numbers: 5 % exactly must not depend on rounding.
  return sessions >= LEAST_SESSIONS && failed * 20 > sessions;
}

/**
 * Is this what is left when a fault has gone? A finding opens above 5 % and closes only at 1 % or less: between the two
 * lies the ordinary noise of a large sender, and a fault that hovers around 5 % does not flap.
 */
export function isRecovered(failed: number, sessions: number | null): boolean {
  return failed === 0 || (sessions !== null && failed * 100 <= sessions);
}
