import { join } from 'node:path';
import { type Checkpoint, checkpointText, NO_CHECKPOINT, parseCheckpoint, withTaskRun } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { readText, writeText } from '../io/files/write-text.ts';

/** A missing file is an empty checkpoint. Throws PosternError `checkpoint-damaged` (exit 3). */
export function loadCheckpoint(dataDir: string): Checkpoint {
  const path = join(dataDir, 'checkpoint.json');
  const text = readText(path);
  if (text === null) return NO_CHECKPOINT;
  try {
    return parseCheckpoint(text);
  } catch (cause) {
    throw new PosternError('checkpoint-damaged', `${path} cannot be read: ${(cause as Error).message}`, {
      hint: 'restore it from the history of data/; without it, ingest reads the whole mailbox again and stores nothing twice',
      exit: 3,
      cause,
    });
  }
}

/** Reads, changes and writes the file at once; the caller holds the lock of the store where runs may overlap. */
export function updateCheckpoint(dataDir: string, change: (checkpoint: Checkpoint) => Checkpoint): void {
  writeText(join(dataDir, 'checkpoint.json'), checkpointText(change(loadCheckpoint(dataDir))));
}

/** Writes down that a task ran, so that the next one and `automation-stale` know. */
export function recordTaskRun(dataDir: string, task: string, at: Instant, succeeded: boolean): void {
  updateCheckpoint(dataDir, (checkpoint) => withTaskRun(checkpoint, task, at, succeeded));
}
