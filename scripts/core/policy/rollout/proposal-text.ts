import { sha256Hex } from '../../../standards/sha-256.ts';
import { codeSpan, markdownProse } from '../../incidents/issue-markdown.ts';
import type { Proposal } from './proposal.ts';

/** More than this many lines of evidence are counted, not shown. */
const MOST_EVIDENCE = 100;

/** The body of the pull request: what happens, what it rests on, what to look at. */
export function proposalBody(proposal: Proposal, pressNote: string | null): string {
  const { summary, evidence, checks, edits, file } = proposal;
  const shown = evidence.slice(0, MOST_EVIDENCE);
  const rows = shown.map(({ kind, at, text, ref }) => {
    const source = ref === null ? '' : codeSpan(ref, 80);
    return `| ${kind} | ${at} | ${markdownProse(text, 500)} | ${source} |`;
  });
  return [
    markerOf(proposal),
    markdownProse(summary, 1000),
    '',
    edits === 'delete' ? `Deletes ${codeSpan(file)}.` : `Changes ${codeSpan(file)}; comments and spacing stay.`,
    '',
    '### Evidence',
    '',
    '| what | when | seen | reference |',
    '|---|---|---|---|',
    ...rows,
    ...(evidence.length > shown.length ? [`\n${evidence.length - shown.length} more are not shown.`] : []),
    ...(checks.length > 0
      ? ['', '### Before merging', '', ...checks.map((check) => `- [ ] ${markdownProse(check, 500)}`)]
      : []),
    ...(pressNote === null ? [] : ['', '### What to press', '', markdownProse(pressNote, 500)]),
    '',
  ].join('\n');
}

/** What is proposed, apart from today's figures: a person's close is respected until this changes. */
export function markerOf({ kind, domain, edits, file }: Proposal): string {
  return `<!-- postern:advance ${kind} ${domain} ${sha256Hex(JSON.stringify([file, edits])).slice(0, 16)} -->`;
}
