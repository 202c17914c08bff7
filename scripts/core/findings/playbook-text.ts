import { wrapText } from '../wrap-text.ts';
import { fillPlaceholders } from './placeholders.ts';
import { PLAYBOOK } from './playbook.ts';
import type { PlaybookEntry, PlaybookSeverity, Side } from './playbook-entry.ts';
import { REMEDIES } from './remedies.ts';

/** How the placeholders read when no finding fills them. */
const GENERAL = { domain: '<domain>', mx: '<mx host>', reporter: 'the reporter', file: 'domains/<domain>.yaml' };

const SIDES: Readonly<Record<Side, string>> = {
  receiving: 'The receiving domain, or whoever runs its mail, DNS or hosting.',
  sending: 'The sender.',
  undecided: 'Not decidable from the fault alone: compare with other reporters, and probe.',
};

const WIDTH = 100;

/** One entry for a terminal, at most 100 columns. */
export function explanationText(entry: PlaybookEntry): string {
  const lines = sections(entry).flatMap(([name, text]) => [
    `${name}:`,
    ...asList(text).flatMap((line) => wrapText(line, WIDTH, '  ', line.startsWith('- ') ? '    ' : '  ')),
  ]);
  return [`${entry.rule}: ${entry.title}`, '', ...lines].join('\n');
}

/** docs/playbook.md as a whole. */
export function playbookMarkdown(): string {
  const groups = PLAYBOOK.map((group) => `## ${group.title}\n\n${group.entries.map(entryMarkdown).join('\n')}`);
  return `${INTRODUCTION}\n${groups.join('\n')}`;
}

const INTRODUCTION = `# Playbook

What each finding means and what to do about it. This page is written by the table in \`scripts/core/findings/\`;
\`npx postern explain RULE\` prints one entry.

How long a fault may wait is its severity: **sev1** wakes somebody, **sev2** is for today, **sev3** is for the week; a dash
is recorded and never an alert. It depends on the mode in force. A fault that a single reporter sees counts one step
lower, because it may be that sender's own. Faults under \`no-policy-found\` concern opportunistic TLS: they are shown as
sev3 and never hold mail up.
`;

function entryMarkdown(entry: PlaybookEntry): string {
  const items = sections(entry)
    .filter(([name]) => name !== 'Meaning')
    .map(([name, text]) => {
      const list = asList(text);
      return list.length === 1
        ? `- **${name}.** ${code(list[0] ?? '')}`
        : [`- **${name}.**`, ...list.map((line) => `  ${code(line)}`)].join('\n');
    });
  return `### ${entry.rule}\n\n**${entry.title.replaceAll('_', '\\_')}.** ${code(filled(entry.meaning))}\n\n${items.join('\n')}\n`;
}

function sections(entry: PlaybookEntry): readonly (readonly [string, string | readonly string[]])[] {
  return [
    ['Meaning', filled(entry.meaning)],
    ['Who can mend it', SIDES[entry.side]],
    ['Likely causes', entry.causes.map((cause) => `- ${filled(cause)}`)],
    ['Make sure', filled(entry.confirm)],
    ['What to do', filled(entry.recommend)],
    ...reasons(entry.rule),
    ['Severity', severityText(entry.severity)],
    ['What senders do meanwhile', filled(entry.effect)],
    ['Repaired when', filled(entry.confirms_repair)],
    ['Reference', entry.reference],
  ];
}

/** What a probe's reason changes in it. */
function reasons(rule: string): readonly (readonly [string, readonly string[]])[] {
  const known = Object.entries(REMEDIES[rule] ?? {});
  if (known.length === 0) return [];
  return [['Where the probe tells more', known.map(([reason, text]) => `- \`${reason}\`: ${filled(text)}`)]];
}

function severityText(severity: PlaybookSeverity): string {
  const columns = `testing ${severity.testing ?? '–'}, enforce ${severity.enforce ?? '–'}.`;
  return severity.note === undefined ? columns : `${columns} ${filled(severity.note)}`;
}

function filled(text: string): string {
  return fillPlaceholders(text, GENERAL);
}

function asList(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? [text] : text;
}

/** `<domain>` outside a code span would be taken for HTML. */
function code(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;').replaceAll('_', '\\_') : part))
    .join('`');
}
