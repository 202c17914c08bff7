import type { Instant } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';

/** One option of one command. `value` is its placeholder in the help; without it the option is a switch. */
export interface Option {
  readonly name: string;
  readonly value?: string;
  readonly summary: string;
}

/** One row of the table that is parser, help, completion and documentation at once. */
export interface Command {
  readonly name: string;
  /** What follows the name, as the help writes it: `[domain…]`. Empty when nothing may follow. */
  readonly operands: string;
  readonly summary: string;
  /** A paragraph for `--help` and docs/commands.md: what it reads, writes, and its exit codes where they need a word. */
  readonly details: string;
  readonly options: readonly Option[];
  /** How many operands it takes: [least, most]. */
  readonly arity: readonly [number, number];
  readonly run: (invocation: Invocation) => Promise<Outcome>;
}

/** What a command is given: everything that could differ between two runs. */
export interface Invocation {
  readonly operands: readonly string[];
  /** The command's own options by name; a switch is `true`. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
  /** Absolute paths. */
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  /** True when `--now` was given: then nothing may choose another clock. */
  readonly now_given: boolean;
  readonly dry_run: boolean;
  /** Where secrets come from, and what GitHub says of the run. Never printed. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Commentary for a person waiting; silent unless stderr is a terminal. */
  readonly progress: (text: string) => void;
  /** A line of the result that cannot wait for the end, such as an address that is being served. */
  readonly say: (line: string) => void;
}

/** 0 fine · 1 something found, refused or failed verification · 2 usage or configuration error · 3 an outside system failed */
export type Exit = 0 | 1 | 2 | 3;

export interface Outcome {
  readonly exit: Exit;
  /** The one document of `--json`. */
  readonly json: unknown;
  /** The same for a person. */
  readonly text: string;
  /** Shown as annotations in Actions. */
  readonly problems?: readonly Problem[];
  /** What later steps of a workflow ask for: `steps.<id>.outputs.<name>`. Only set in Actions. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** What goes on after the result is written, such as serving; the run ends when it does. */
  readonly hold?: () => Promise<void>;
}
