import type { Severity } from '../finding.ts';

/**
 * What one rule means and what to do about it. One table is the source of the findings' actions, of `explain` and of
 * docs/playbook.md. Texts may hold the placeholders `{domain}`, `{mx}`, `{reporter}` and `{file}` (the domain's YAML).
 */
export interface PlaybookEntry {
  /** A result type of RFC 8460 §4.3 or a fault id of ours; permanent. */
  readonly rule: string;
  /** What is wrong, as a phrase that continues with "on mx1.example.com". */
  readonly title: string;
  readonly meaning: string;
  readonly side: Side;
  readonly causes: readonly string[];
  /** How a person makes sure. */
  readonly confirm: string;
  /** What to do, in the imperative: what to edit, run or set. */
  readonly recommend: string;
  readonly severity: PlaybookSeverity;
  /** What senders do meanwhile. */
  readonly effect: string;
  /** What shows that the repair worked. */
  readonly confirms_repair: string;
  readonly reference: string;
}

/** Who can mend it: the receiving domain (or whom it hired), the sender, or not decidable from the fault alone. */
export type Side = 'receiving' | 'sending' | 'undecided';

/** Null = recorded, never an alert. */
export interface PlaybookSeverity {
  readonly testing: Severity | null;
  readonly enforce: Severity | null;
  /** In testing, when more than one reporter sees it. */
  readonly testing_several?: Severity;
  /** At most this while only reports say so and no probe has confirmed it. */
  readonly unconfirmed?: Severity;
  /** At most this when the fault lies with the sender. */
  readonly at_sender?: Severity;
  /** When the two columns do not tell the whole rule. */
  readonly note?: string;
}

/** Reports are daily and late, so one clean day may be luck: two complete ones are asked for. */
export const TWO_CLEAN_DAYS =
  'Two complete days with reports from the senders that failed and none of these failures. Days without a report prove nothing.';

/** One look may hit the one good member of a pool. */
export const TWO_SOUND_LOOKS = 'Two sound observations of every address, at least one hour apart.';
