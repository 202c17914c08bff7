import { GLOBAL_OPTIONS } from './arguments.ts';
import type { Command, Option } from './command.ts';

const WIDTH = 100;

/** `npx postern --help`. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'Postern keeps the mail transport security of your domains correct, from a git repository.',
    '',
    'usage: npx postern <command> [options]',
    '',
    'commands',
    ...rows(commands.map((command) => [signature(command), command.summary])),
    '',
    'options of every command',
    ...rows(GLOBAL_OPTIONS.map(optionRow)),
    '',
    'exit codes: 0 fine · 1 something found, refused or failed verification',
    '            2 usage or configuration error · 3 an outside system failed or the unexpected',
    '',
    'npx postern <command> --help tells more.',
  ].join('\n');
}

/** `npx postern <command> --help`. */
export function commandHelp(command: Command): string {
  return [
    `npx postern ${signature(command)} [options]`,
    '',
    ...wrap(command.details, WIDTH),
    ...(command.options.length === 0 ? [] : ['', 'options', ...rows(command.options.map(optionRow))]),
    '',
    'options of every command',
    ...rows(GLOBAL_OPTIONS.map(optionRow)),
  ].join('\n');
}

/** `npx postern --help --json`. */
export function generalDocument(commands: readonly Command[]): unknown {
  return {
    commands: commands.map(({ name, operands, summary }) => ({ name, operands, summary })),
    options: GLOBAL_OPTIONS,
  };
}

/** `npx postern <command> --help --json`. */
export function commandDocument({ name, operands, summary, details, options }: Command): unknown {
  return { name, operands, summary, details, options: [...options, ...GLOBAL_OPTIONS] };
}

/** docs/commands.md: the same table as Markdown. */
export function commandsMarkdown(commands: readonly Command[]): string {
  const option = (row: Option): string => `- \`${optionRow(row)[0]}\` ${row.summary}`;
  return `${[
    '# Commands',
    '',
    'Made from `scripts/cli/commands.ts` by `npm run reference`; a test keeps the two equal.',
    'In a checkout every command runs as `npx postern <command>`.',
    '',
    '| command | does |',
    '|---|---|',
    ...commands.map((command) => `| \`${signature(command)}\` | ${command.summary} |`),
    '',
    '## Everywhere',
    '',
    ...GLOBAL_OPTIONS.map(option),
    '',
    'Exit codes: 0 fine; 1 something found, refused or failed verification; 2 usage or configuration error; 3 an outside',
    'system failed or the unexpected. stdout is the result, stderr is commentary. With `--json` an error is a document too:',
    '`{"error":{"code","message","hint"}}`.',
    '',
    'In GitHub Actions (`GITHUB_ACTIONS=true`) problems are also annotations, and the result is also the job summary.',
    ...commands.flatMap((command) => [
      '',
      `## \`${signature(command)}\``,
      '',
      ...wrap(command.details, 118),
      ...(command.options.length === 0 ? [] : ['', ...command.options.map(option)]),
    ]),
  ].join('\n')}\n`;
}

function signature(command: Command): string {
  return `${command.name} ${command.operands}`.trimEnd();
}

function optionRow(option: Option): readonly [string, string] {
  return [option.value === undefined ? `--${option.name}` : `--${option.name} ${option.value}`, option.summary];
}

/** A longer name stands on a line of its own. */
const MOST_LEFT = 28;

/** Two columns, the second wrapped under itself. */
function rows(table: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(MOST_LEFT, Math.max(...table.map(([name]) => name.length)) + 2);
  return table.flatMap(([name, text]) => {
    const lines = wrap(text, WIDTH - left - 2);
    const alone = name.length + 2 > left;
    const beside = lines.map((line, index) => `  ${(index === 0 && !alone ? name : '').padEnd(left)}${line}`);
    return alone ? [`  ${name}`, ...beside] : beside;
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
