import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Instant, parseInstant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { nearest } from '../core/near.ts';
import type { Command, Option } from './command.ts';

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  { name: 'json', summary: 'one JSON document on stdout, nothing else' },
  { name: 'root', value: 'DIR', summary: 'the repository (default: here)' },
  { name: 'data', value: 'DIR', summary: 'where data is kept (default: <root>/data)' },
  { name: 'now', value: 'RFC3339', summary: 'the clock, such as 2026-11-21T06:00:00Z (default: the real one)' },
  { name: 'dry-run', summary: 'do everything but change anything' },
  { name: 'quiet', summary: 'no commentary on stderr' },
  { name: 'debug', summary: 'the stack and cause of an error' },
  { name: 'help', summary: 'this help' },
];

export interface Arguments {
  /** Null: the general help, or `--version`. */
  readonly command: Command | null;
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string | true | undefined>>;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly dry_run: boolean;
  readonly root: string;
  readonly data: string;
  /** Null when `--now` was not given. */
  readonly now: Instant | null;
}

/**
 * The command line as values. `argv` is without node and script; `command` is the one that `commandWord` found, null where it
 * found none.
 * @throws PosternError `usage` (exit 2), naming the nearest option.
 */
export function parseArguments(argv: readonly string[], command: Command | null, cwd: string): Arguments {
  const known = [...GLOBAL_OPTIONS, ...(command?.options ?? []), ...(command === null ? [VERSION] : [])];
  const { values, positionals } = read(argv, known, command);
  const operands = command === null ? positionals : positionals.slice(1);
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  if (command !== null && values['help'] !== true) requireOperands(command, operands);
  const root = resolve(cwd, text('root') ?? '.');
  return {
    command,
    operands,
    options: values,
    json: values['json'] === true,
    quiet: values['quiet'] === true,
    debug: values['debug'] === true,
    help: values['help'] === true,
    version: values['version'] === true,
    dry_run: values['dry-run'] === true,
    root,
    data: text('data') === null ? resolve(root, 'data') : resolve(cwd, text('data') ?? ''),
    now: parseNow(text('now')),
  };
}

const VERSION: Option = { name: 'version', summary: 'the version' };

/**
 * The name of the command: the first operand; options may stand before it. Null: there is none.
 * @throws PosternError `usage` (exit 2), naming the nearest command.
 */
export function commandWord(argv: readonly string[], names: readonly string[]): string | null {
  const valued = new Set(GLOBAL_OPTIONS.filter((option) => option.value !== undefined).map((option) => option.name));
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') return null;
    if (word.startsWith('--')) {
      if (valued.has(word.slice(2))) i++;
      continue;
    }
    // What is wrong with an option of one letter is told when the options are read.
    if (/^-./.test(word)) continue;
    if (names.includes(word)) return word;
    const near = nearest(word, names);
    throw usage(
      `there is no command ${JSON.stringify(word)}`,
      near === null ? 'npx postern --help lists the commands' : `did you mean npx postern ${near}?`,
    );
  }
  return null;
}

type Values = Record<string, string | true | undefined>;

function read(
  argv: readonly string[],
  known: readonly Option[],
  command: Command | null,
): { values: Values; positionals: string[] } {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      known.map((option) => [option.name, { type: option.value === undefined ? 'boolean' : 'string' } as const]),
    ),
  });
  const help = `npx postern ${command === null ? '' : `${command.name} `}--help lists the options`;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = known.find((candidate) => candidate.name === token.name);
    if (option === undefined) {
      const near = nearOption(token.name, known);
      throw usage(`unknown option ${JSON.stringify(token.rawName)}`, near === null ? help : `did you mean --${near}?`);
    }
    if (option.value === undefined && token.value !== undefined) {
      throw usage(`--${option.name} takes no value`, help);
    }
    // `--root --json` is a forgotten value, not a folder named --json; `--root=--json` says it is meant.
    const missing =
      token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('--'));
    if (option.value !== undefined && missing) {
      throw usage(`--${option.name} needs a value: --${option.name} ${option.value}`, help);
    }
  }
  return { values: values as Values, positionals };
}

/** A letter stands for the option that begins with it, where only one does. */
function nearOption(name: string, known: readonly Option[]): string | null {
  const names = known.map((candidate) => candidate.name);
  if (name.length > 1) return nearest(name, names);
  const begun = names.filter((candidate) => candidate.startsWith(name));
  return begun.length === 1 ? (begun[0] ?? null) : null;
}

function requireOperands(command: Command, operands: readonly string[]): void {
  const [least, most] = command.arity;
  // An unset variable of a shell: as a path it would be the folder the command runs in.
  if (operands.includes('')) {
    throw usage(
      `an empty word was given: postern ${command.name} ${command.operands}`.trimEnd(),
      'leave it out, or say what is meant',
    );
  }
  if (operands.length >= least && operands.length <= most) return;
  const wrong =
    operands.length < least ? 'something is missing' : `${JSON.stringify(operands[most] ?? '')} is one word too many`;
  throw usage(`${wrong}: postern ${command.name} ${command.operands}`.trimEnd(), `npx postern ${command.name} --help`);
}

function parseNow(text: string | null): Instant | null {
  if (text === null) return null;
  const now = parseInstant(text);
  if (now === null) {
    throw usage(`--now ${JSON.stringify(text)} is not a date-time of RFC 3339`, 'write it like 2026-11-21T06:00:00Z');
  }
  return now;
}

function usage(message: string, hint: string): PosternError {
  return new PosternError('usage', message, { hint, exit: 2 });
}
