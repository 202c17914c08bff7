import type { RefusalCode } from '../plan/refusal.ts';

/** One condition of the promotion guard. What nobody could see is `unknown`, never met. */
export interface Condition {
  readonly name: string;
  readonly state: 'met' | 'unmet' | 'unknown';
  /** In words, as it may stand in a pull request; printable. */
  readonly text: string;
  /** What refuses when it is not met; those but `promotion-guard` cannot be lifted. */
  readonly code: RefusalCode;
}
