import type { Instant } from '../clock.ts';
import type { Difference } from './difference.ts';
import type { MonthFigures } from './figures.ts';

/** A frozen month never changes: what later reports say of it stands beside it, dated, `restatements/<day>.json`. */
export interface Restatement {
  readonly format: 'postern-restatement-1';
  readonly period: string;
  readonly restated_at: Instant;
  /** The manifest of the frozen month this is about. */
  readonly manifest_sha256: string;
  /** From what was stated last to what is known now. */
  readonly differences: readonly Difference[];
  readonly figures: MonthFigures;
}

export function restatementText(restatement: Restatement): string {
  return `${JSON.stringify(restatement, null, 2)}\n`;
}
