import type { Instant } from '../clock.ts';

/** One commit that touched `domains/`, and how it got there. */
export interface Change {
  /** Full SHA. */
  readonly commit: string;
  readonly at: Instant;
  /** As git says it: hostile text. */
  readonly author: string;
  readonly subject: string;
  readonly files: readonly string[];
  /** Null: it did not come by a pull request, or GitHub was not asked. */
  readonly pull_request: {
    readonly number: number;
    readonly author: string;
    readonly approved_by: readonly string[];
    /** `success`, `failure`, … of the checks on its last commit; null when not known. */
    readonly checks: string | null;
  } | null;
}

/** The changes of a month, and who was asked about them. */
export interface ChangeFacts {
  readonly source: 'github' | 'git' | 'none';
  readonly changes: readonly Change[];
}
/** Who stands behind a pull request: of each person the last review that decides counts (GitHub counts the same). */
export function approvers(reviews: readonly { readonly author: string; readonly state: string }[]): readonly string[] {
  const last = new Map<string, string>();
  for (const { author, state } of reviews) if (state !== 'COMMENTED' && state !== 'PENDING') last.set(author, state);
  return [...last].flatMap(([author, state]) => (state === 'APPROVED' ? [author] : [])).sort();
}

const BAD = ['failure', 'timed_out', 'cancelled', 'action_required', 'startup_failure', 'stale'];

/** All checks of a commit in a word; null when it had none, so nothing is known. */
export function checksWord(conclusions: readonly (string | null)[]): string | null {
  if (conclusions.length === 0) return null;
  const bad = conclusions.find((one) => one !== null && BAD.includes(one));
  if (bad !== undefined) return bad ?? null;
  return conclusions.includes(null) ? 'still running' : 'success';
}
