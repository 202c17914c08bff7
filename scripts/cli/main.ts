import { statSync } from 'node:fs';
import { type Instant, instantOf, parseInstant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { explained } from '../core/system-failure.ts';
import { commandWord, parseArguments } from './arguments.ts';
import type { Exit, Outcome } from './command.ts';
import { COMMAND_NAMES, loadCommand, loadCommands } from './commands.ts';
import { writeFailure, writeOutcome } from './output.ts';
import { progressOn } from './progress.ts';
import { VERSION } from './version.ts';

/** The world a run stands in. */
export interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly cwd: string;
}

/** One run of `postern`: arguments to exit code. Nothing is thrown out of it. */
export async function main(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  streams: Streams,
): Promise<Exit> {
  stopQuietlyWhenNobodyReads(streams.out);
  const early = { json: argv.includes('--json'), debug: argv.includes('--debug') };
  let command = '';
  let answered = false;
  const write = (text: string): void => {
    answered = true;
    if (text !== '') streams.out.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  const progress = progressOn(streams.err, { quiet: argv.includes('--quiet') });
  try {
    const word = commandWord(argv, COMMAND_NAMES);
    const given = parseArguments(argv, word === null ? null : await loadCommand(word), streams.cwd);
    const show = (text: string, document: unknown): void =>
      write(given.json ? JSON.stringify(document, null, 2) : text);
    if (given.version) {
      show(VERSION, { version: VERSION });
      return 0;
    }
    if (given.command !== null && given.help) {
      const { commandDocument, commandHelp } = await import('./help.ts');
      show(commandHelp(given.command), commandDocument(given.command));
      return 0;
    }
    if (given.command === null) {
      if (given.json && !given.help) throw noCommand();
      const { generalDocument, generalHelp } = await import('./help.ts');
      const commands = await loadCommands();
      show(generalHelp(commands), generalDocument(commands));
      return given.help ? 0 : 2;
    }
    command = given.command.name;
    requireFolder(given.data);
    // For simulations: every command of a whole workflow at one moment. The option is stronger.
    const now = given.now ?? momentOf(environment['POSTERN_NOW']);
    const outcome: Outcome = await given.command.run({
      operands: given.operands,
      options: given.options,
      root: given.root,
      data: given.data,
      now: now ?? instantOf(streams.clock()),
      now_given: now !== null,
      dry_run: given.dry_run,
      environment,
      progress: progress.show,
      say: (line) => {
        progress.clear();
        (given.json ? streams.err : streams.out).write(`${line}\n`);
      },
    });
    progress.clear();
    await writeOutcome(outcome, {
      command: given.command.name,
      json: given.json,
      environment,
      out: write,
      err: (text) => streams.err.write(text),
    });
    await outcome.hold?.();
    return outcome.exit;
  } catch (thrown) {
    progress.clear();
    const cause = explained(thrown);
    await writeFailure(cause, {
      ...early,
      // What fails behind the result makes no second document of it.
      json: early.json && !answered,
      command,
      environment,
      out: write,
      err: (text) => streams.err.write(text),
    });
    return cause instanceof PosternError ? cause.exit : 3;
  }
}

function noCommand(): PosternError {
  return new PosternError('usage', 'no command was given', { hint: 'npx postern --help lists the commands', exit: 2 });
}

/** What is not there yet is made when it is needed. */
function requireFolder(data: string): void {
  if (statSync(data, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  throw new PosternError('data-no-folder', `${data} is a file; data is kept in a folder.`, {
    hint: 'name a folder with --data, or leave it out: it is data/ in the repository',
    exit: 2,
  });
}

function momentOf(text: string | undefined): Instant | null {
  if (text === undefined || text === '') return null;
  const now = parseInstant(text);
  if (now !== null) return now;
  throw new PosternError('usage', `POSTERN_NOW ${JSON.stringify(text.slice(0, 80))} is no moment`, {
    hint: 'such as 2026-11-21T06:00:00Z, or leave it out',
    exit: 2,
  });
}

/** `postern review | head` ends the reader first: that is no error of ours. */
function stopQuietlyWhenNobodyReads(out: NodeJS.WriteStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
