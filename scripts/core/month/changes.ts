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
