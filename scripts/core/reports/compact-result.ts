import type { Day } from '../clock.ts';

/** What one run of `compact` did; with `--dry-run`, what it would do. */
export interface CompactResult {
  readonly months: readonly CompactedMonth[];
  /** Months whose observations were put together or deleted. */
  readonly observations: readonly string[];
  /** Files of the store that could not be read, and were left as they are. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
}

export interface CompactedMonth {
  /** `2026-10`. */
  readonly month: string;
  /** Reports that came after the month was closed: its figures are new, and what was frozen before lacks them. */
  readonly late_reports: number;
  /** Daily figures were derived from the rows. */
  readonly derived: boolean;
  /** Several files became one. */
  readonly merged: boolean;
  /** Rows of earlier days are deleted; null when none was due. */
  readonly rows_from: Day | null;
  /** Daily figures of earlier days are deleted; null when none were due. */
  readonly figures_from: Day | null;
  readonly rows_deleted: number;
}
