import { codeSpan, markdownProse } from '../incidents/issue-markdown.ts';
import { sentence } from '../sentence.ts';
import type { Check } from '../status/doctor.ts';

/** One thing to do once. */
export interface ChecklistItem {
  readonly done: boolean;
  /** What will be so; our own words. */
  readonly text: string;
  /** What stands in the way, and the fix; may hold text from outside. */
  readonly note: string | null;
}

export const CHECKLIST_TITLE = 'Set up Postern';
export const CHECKLIST_MARKER = '<!-- postern:checklist -->';

export interface ChecklistFacts {
  readonly checks: readonly Check[];
  /** The template's own example files that still stand. */
  readonly examples: readonly string[];
  /** Domains by how far their first policy is. */
  readonly announced: readonly string[];
  readonly waiting: readonly string[];
  /** Whether one report was ever read. */
  readonly reports: boolean;
}

/** In the order somebody does them. What doctor does not know is not ticked: nobody saw it work. */
export function checklist({ checks, examples, announced, waiting, reports }: ChecklistFacts): readonly ChecklistItem[] {
  const wants = (names: (name: string) => boolean, text: string): ChecklistItem => {
    const found = checks.filter(({ name }) => names(name));
    const open = found.find(({ state }) => state !== 'ok');
    const note = open === undefined ? null : open.fix === null ? open.text : `${sentence(open.text)} Fix: ${open.fix}`;
    return { done: found.length > 0 && open === undefined, text, note };
  };
  // GitHub does not tell what a token may do: that nothing is known to be missing has to be enough.
  const access = checks.filter(({ name }) => /^github\b/.test(name));
  const lacking = access.find(({ state }) => state === 'bad');
  const published: ChecklistItem = {
    done: announced.length > 0,
    text: 'The first policy is published: served, verified, and its id in DNS',
    note: announced.length > 0 ? null : waitingNote(waiting),
  };
  return [
    {
      done: examples.length === 0,
      text: 'The examples are removed',
      note: examples.length === 0 ? null : `${examples.slice(0, 5).join(', ')}: npx postern init`,
    },
    wants((name) => name === 'configuration', 'The configuration is sound and has a domain'),
    wants((name) => name === 'reporting', 'Senders are told where to report'),
    wants((name) => name === 'mailbox', 'The mailbox of reports can be read'),
    wants(
      (name) => name === 'repository' || name === 'site',
      'This repository can be used, and the site shows no more than it should',
    ),
    {
      done: access.length > 0 && lacking === undefined,
      text: 'GitHub lets Postern do what the hosting needs',
      note: lacking === undefined ? null : `${sentence(lacking.text)} Fix: ${lacking.fix}`,
    },
    wants((name) => name === 'protection', 'The main branch is protected, and domains/ has an owner'),
    published,
    wants((name) => name === 'task probe' || name === 'task alert', 'The hourly run looks and judges'),
    wants((name) => name === 'task ingest', 'The daily run reads the mailbox'),
    {
      done: reports,
      text: 'The first report arrived',
      note: reports ? null : 'Senders report once a day, from the day after the TLS-RPT record stands.',
    },
  ];
}

function waitingNote(waiting: readonly string[]): string {
  return waiting.length === 0
    ? 'Merge the file of a domain; the publish workflow does the rest.'
    : `Minted and waiting: ${waiting.slice(0, 5).join(', ')}. The publish run says for what; a person may have to set DNS records.`;
}

/** The body. Foreign text in notes mentions nobody and links nothing. */
export function checklistBody(items: readonly ChecklistItem[]): string {
  const left = items.filter(({ done }) => !done).length;
  return [
    CHECKLIST_MARKER,
    left === 0
      ? 'Everything is in place. This issue closes itself.'
      : `${left} of ${items.length} to go. Postern ticks what it finds done, once a day and whenever ${codeSpan('npx postern init --checklist')} runs; there is no need to tick by hand.`,
    '',
    ...items.flatMap(({ done, text, note }) => [
      `- [${done ? 'x' : ' '}] ${text}`,
      ...(done || note === null ? [] : [`  <br>${markdownProse(note, 600)}`]),
    ]),
    '',
    `Guides: ${codeSpan('docs/guides/ten-minutes.md')}, and beside it one for each mail provider.`,
    '',
  ].join('\n');
}
