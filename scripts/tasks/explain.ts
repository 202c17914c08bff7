import { PosternError } from '../core/failure.ts';
import { PLAYBOOK_RULES, playbookEntry } from '../core/findings/playbook.ts';
import type { PlaybookEntry } from '../core/findings/playbook-entry.ts';
import { nearest } from '../core/near.ts';
import { plainText } from '../core/plain-text.ts';

export { explanationText } from '../core/findings/playbook-text.ts';

/** The playbook entry of a rule id or result type, letter case aside. Throws `rule-unknown` (exit 2) for anything else. */
export function explain(rule: string): PlaybookEntry {
  const entry = playbookEntry(rule.trim().toLowerCase());
  if (entry !== null) return entry;
  throw new PosternError(
    'rule-unknown',
    `the playbook has no rule or result type ${JSON.stringify(plainText(rule, 100))}`,
    {
      hint: hintFor(rule),
      exit: 2,
    },
  );
}

/** The rule a person most likely meant: with all the same words, else with nearly the same letters, else with a word. */
function hintFor(rule: string): string {
  const words = rule
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const sharing = (least: number) =>
    PLAYBOOK_RULES.filter((known) => words.filter((word) => known.split('-').includes(word)).length >= least);
  const near = nearest(rule, PLAYBOOK_RULES);
  const related =
    words.length === 0
      ? []
      : [sharing(words.length), near === null ? [] : [near], sharing(1)].find((some) => some.length > 0);
  if (related === undefined || related.length === 0) return 'docs/playbook.md lists all of them';
  return related.length === 1 ? `did you mean ${related[0]}?` : `one of ${related.join(', ')}`;
}
