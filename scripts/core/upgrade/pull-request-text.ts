import { codeSpan, markdownProse } from '../incidents/issue-markdown.ts';

const MOST_CHANGES = 30_000;
const MOST_NAMES = 100;

/** The body of an upgrade's pull request: what is new, what of yours it replaces, what it leaves. */
export function upgradeBody(input: {
  readonly release: string;
  readonly version: string;
  readonly changelog: string;
  readonly overwritten: readonly string[];
  readonly kept: readonly string[];
  /** Whether the release in use is known, so that changes of the owner's can be told from the engine's. */
  readonly knowsBase: boolean;
}): string {
  const { release, version, overwritten, kept, knowsBase } = input;
  return [
    `Replaces Postern ${version} by ${codeSpan(release)}. ${codeSpan('domains/')}, ${codeSpan('data/')} and CODEOWNERS are yours and stay as they are.`,
    '',
    '### What is new',
    '',
    changesSince(input.changelog, version),
    ...names('### Files of the engine that you changed: your changes are replaced', overwritten),
    ...(knowsBase
      ? []
      : [
          '',
          `There is no release of ${version} to compare with, so changes of yours to files of the engine cannot be told from its own: read the diff for them.`,
        ]),
    ...names('### Files that you added: they stay', kept),
    '',
    'Checks of a pull request that a workflow opened may wait for a person: press *Approve and run*.',
  ].join('\n');
}

/** The sections of a changelog above that of the version in use, each line made harmless. */
export function changesSince(changelog: string, version: string): string {
  const lines = changelog.split('\n');
  const end = lines.findIndex((line) => line.startsWith('## ') && line.includes(version));
  const told = lines
    .slice(0, end < 0 ? lines.length : end)
    .filter((line) => !line.startsWith('# ') && line.trim() !== '');
  const words = told.map((line) => {
    const item = /^(- |## |### )(.*)$/.exec(line);
    return item === null
      ? markdownProse(line, 1000)
      : `${item[1] === '- ' ? '- ' : '#### '}${markdownProse(item[2] ?? '', 1000)}`;
  });
  const text = words.join('\n');
  return text.length <= MOST_CHANGES
    ? text
    : `${text.slice(0, text.lastIndexOf('\n', MOST_CHANGES))}\n\n… CHANGELOG.md holds the rest.`;
}

function names(title: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const more = paths.length > MOST_NAMES ? [`- and ${paths.length - MOST_NAMES} more`] : [];
  return ['', title, '', ...paths.slice(0, MOST_NAMES).map((path) => `- ${codeSpan(path)}`), ...more];
}
