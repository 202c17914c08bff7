import type { Instant } from './clock.ts';

/**
 * `data/checkpoint.json`: where each task stands, so that a late or killed run goes on from there. Each section has one
 * task that writes it; sections that this version does not know are kept.
 */
export interface Checkpoint {
  /** Last runs by task: `ingest`, `probe`, `review`, `alert`, `advance`, `publish`, `digest-weekly`, `digest-monthly`, `build`. */
  readonly tasks: Readonly<Record<string, TaskRun>>;
  readonly sections: Readonly<Record<string, unknown>>;
}

export interface TaskRun {
  readonly last_attempt: Instant;
  /** Null: it never finished. */
  readonly last_success: Instant | null;
}

export const NO_CHECKPOINT: Checkpoint = { tasks: {}, sections: {} };

/** A task began, or ended well, at `at`. */
export function withTaskRun(checkpoint: Checkpoint, task: string, at: Instant, succeeded: boolean): Checkpoint {
  const last_success = succeeded ? at : (checkpoint.tasks[task]?.last_success ?? null);
  return { ...checkpoint, tasks: { ...checkpoint.tasks, [task]: { last_attempt: at, last_success } } };
}

export function withSection(checkpoint: Checkpoint, name: string, value: unknown): Checkpoint {
  return { ...checkpoint, sections: { ...checkpoint.sections, [name]: value } };
}

/** The file's JSON: sections stand beside `tasks`, keys sorted, so that equal checkpoints are equal bytes. */
export function checkpointText({ tasks, sections }: Checkpoint): string {
  const all = { ...sections, tasks: Object.fromEntries(Object.entries(tasks).sort(byName)) };
  return `${JSON.stringify(Object.fromEntries(Object.entries(all).sort(byName)), null, 2)}\n`;
}

/** @throws SyntaxError when the text is no JSON object: a damaged checkpoint is never taken for an empty one. */
export function parseCheckpoint(text: string): Checkpoint {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SyntaxError('not a JSON object');
  const { tasks = {}, ...sections } = parsed as { tasks?: Record<string, TaskRun> } & Record<string, unknown>;
  return { tasks, sections };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
