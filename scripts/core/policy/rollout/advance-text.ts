import { plainText } from '../../plain-text.ts';
import { count } from '../plan/plan-verdict.ts';
import type { DatedStep, Stalled } from './advance.ts';

const WORDS: Readonly<Record<string, string>> = {
  opened: 'opened',
  updated: 'updated',
  unchanged: 'as it was',
  declined: 'closed by a person, left so',
  closed: 'closed: its reason is gone',
  kept: 'somebody works on its branch, left so',
  done: 'already so in the repository',
  'would-open': 'would be opened (dry run)',
};

export function advanceText(result: {
  readonly pull_requests: readonly {
    readonly action: string;
    readonly title: string;
    readonly url: string | null;
    readonly kind: string;
    readonly diff?: readonly string[];
  }[];
  readonly stalled: readonly Stalled[];
  readonly steps: readonly DatedStep[];
}): string {
  const { pull_requests: pulls, stalled, steps } = result;
  return [
    pulls.length === 0 ? 'Nothing is due.' : `${count(pulls.length, 'pull request')}:`,
    ...pulls.flatMap(({ action, title, url, kind, diff = [] }) => [
      `  ${kind} ${plainText(title, 200)}: ${WORDS[action] ?? action}${url === null ? '' : ` ${plainText(url, 300)}`}`,
      ...diff.map((line) => `    ${plainText(line, 200)}`.trimEnd()),
    ]),
    ...(pulls.some(({ diff }) => diff !== undefined) ? ['--json has the text of each, with its evidence.'] : []),
    ...stalled.flatMap(({ domain, blocked_by }) => [
      `${domain} is in testing for more than 30 days:`,
      ...blocked_by.map((text) => `  ${plainText(text, 500)}`),
    ]),
    ...steps.map(({ domain, at, what }) => `${domain}: ${at === null ? 'now' : `from ${at}`}: ${plainText(what, 500)}`),
  ].join('\n');
}
