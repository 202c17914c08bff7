import type { StampHelper } from '../../io/mail/file-stamps.ts';
import { startThread } from '../start-thread.ts';

/** To the thread (stamp-worker.ts): whose stamps, where to, and what is set to 1 when they are there. */
export interface StampOrder {
  readonly folder: string;
  readonly names: readonly string[];
  readonly numbers: Float64Array;
  readonly done: Int32Array;
}

/** A thread that does not answer for so long is not waited for. */
const PATIENCE_MS = 10_000;

/** A second thread for the stamps of many files: nearly all the time a run takes that finds nothing new. */
export function openStampHelper(): StampHelper & { readonly close: () => void } {
  const worker = startThread(new URL('./stamp-worker.ts', import.meta.url), null);
  worker.unref();
  // Whoever waits notices, and takes the stamps himself.
  worker.on('error', () => {});
  return {
    begin: (folder, names) => {
      const numbers = new Float64Array(new SharedArrayBuffer(names.length * 4 * Float64Array.BYTES_PER_ELEMENT));
      const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      worker.postMessage({ folder, names, numbers, done } satisfies StampOrder);
      return () => (Atomics.wait(done, 0, 0, PATIENCE_MS) === 'timed-out' ? null : numbers);
    },
    close: () => {
      worker.terminate();
    },
  };
}
