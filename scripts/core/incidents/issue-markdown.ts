import { plainText } from '../plain-text.ts';

/** Shown as nothing, and ends whatever GitHub would otherwise read across it. */
const BREAK = '\u200b';
const LONGEST_LINE = 500;

/**
 * One line of foreign text with which GitHub does nothing, wherever it stands: no mention, no reference to an issue or a
 * commit, no link, no HTML, no emoji code. GitHub looks for mentions and references after Markdown is rendered, so
 * neither a backslash nor an entity stops them: only a character between does. Code is no shelter for a `@` that a mail
 * client or a bot reads, so it is broken there too. Numbers stay whole: an id is copied.
 */
export function inert(text: string, max = LONGEST_LINE): string {
  return still(text, max).replace(COMMIT, (found) => found.replace(/.{6}(?=.)/g, `$&${BREAK}`));
}

/** What GitHub takes for a commit, except in code. */
const COMMIT = /(?<![0-9A-Za-z])(?!\d+(?![0-9A-Za-z]))[0-9a-f]{7,64}(?![0-9A-Za-z])/gi;

function still(text: string, max: number): string {
  return (
    plainText(text, max)
      .replace(/([@<])(?=\S)/g, `$1${BREAK}`)
      .replace(/#(?=[\p{L}\p{N}_])/gu, `#${BREAK}`)
      .replace(/GH-(?=\d)/gi, (found) => `${found}${BREAK}`)
      .replace(/:(?=\/\/)/g, `:${BREAK}`)
      .replace(/(www)(?=\.)/gi, `$1${BREAK}`)
      .replace(/(mailto|xmpp|javascript|data):/gi, `$1${BREAK}:`)
      .replace(/--(?=>|!>)/g, `--${BREAK}`)
      // Two digits are the minutes of a time, and no emoji.
      .replace(/:(?!\d\d:)(?=[\w+-]+:)/g, `:${BREAK}`)
      // Commands of bots and of ours begin a line with a slash.
      .replace(/^\/(?=\w)/, `/${BREAK}`)
  );
}

/** By name, so that not even the source holds a `#` before a number. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '`': '&grave;',
  '*': '&ast;',
  _: '&lowbar;',
  '[': '&lbrack;',
  ']': '&rbrack;',
  '|': '&verbar;',
  $: '&dollar;',
  '\\': '&bsol;',
  '~': '\\~',
};

/** Foreign text inside a paragraph: shown letter by letter. Entities cannot take part in Markdown's structure. */
export function markdownText(text: string, max = LONGEST_LINE): string {
  return (
    inert(text, max)
      .replace(/[&<>"`*_[\]|$\\~]/g, (found) => ENTITIES[found] ?? found)
      // What would begin a list or a heading at the start of a line, or underline the line before.
      .replace(/^(\s*\d*)([-#+=.)])/, '$1\\$2')
  );
}

/** Our own sentences with names of others in them: what stands between backticks is code, everything is inert. */
export function markdownProse(text: string, max = 4000): string {
  return plainText(text, max)
    .split('`')
    .map((part, index, parts) =>
      // An odd one out is a backtick of its own.
      index % 2 === 1 && index < parts.length - 1
        ? codeSpan(part, max)
        : markdownText(index % 2 === 1 ? `\`${part}` : part, max),
    )
    .join('');
}

/**
 * Code of ours to copy, with names of others in it. Inside code GitHub neither links nor mentions, so only what a mail
 * client or a careless reader of the source could take for a mention, a tag or a comment is broken: a command, an
 * address and a URL stay whole.
 */
export function codeSpan(text: string, max = LONGEST_LINE): string {
  const inside = plainText(text, max)
    .replace(/(?<![\p{L}\p{N}._%+-])@(?=\S)/gu, `@${BREAK}`)
    .replace(/#(?=\d)/g, `#${BREAK}`)
    .replace(/GH-(?=\d)/gi, (found) => `${found}${BREAK}`)
    .replace(/<(?=!|\/?[a-z][a-z0-9-]*(?:\s|\/?>))/gi, `<${BREAK}`)
    .replace(/--(?=>|!>)/g, `--${BREAK}`);
  if (inside.trim() === '') return '';
  const fence = '`'.repeat(longestRun(inside) + 1);
  const pad = inside.startsWith('`') || inside.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${inside}${pad}${fence}`;
}

/** A fenced block that its lines cannot end. Each line is one line, whatever it held; hashes stay whole, to be copied. */
export function codeBlock(lines: readonly string[], max = LONGEST_LINE): string {
  const inside = lines.map((line) => still(line, max));
  const fence = '`'.repeat(Math.max(3, ...inside.map((line) => longestRun(line) + 1)));
  return [`${fence}text`, ...inside, fence].join('\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
}
