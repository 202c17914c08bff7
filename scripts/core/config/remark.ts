import { excerpt } from '../../standards/excerpt.ts';
import type { RuleId } from './rules/rule-table.ts';

/** Where in a document: keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** What a rule has to say about one place of one file. Its line is looked up only then: most files never need one. */
export interface Remark {
  readonly rule: RuleId;
  /** Only where it differs from the rule's usual one. */
  readonly severity?: 'error' | 'warning';
  readonly path: Path;
  /** Point at the key itself, not at its value. */
  readonly on_key?: true;
  readonly message: string;
  readonly hint: string | null;
}

/** `known_sender_issues[0].until`, printable: a key may be anybody's text. */
export function pathText(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${excerpt(step)}`));
  return steps.join('').replace(/^\./, '');
}
