import { parentPort } from 'node:worker_threads';
import { digestOf } from './part-files.ts';

/* The thread that part-digests.ts starts: one path after the other. */

parentPort?.on('message', (path: string) => {
  let digest: string | null = null;
  try {
    digest = digestOf(path);
  } catch {
    // Whoever asked reads it himself, and says what is the matter.
  }
  parentPort?.postMessage({ path, digest });
});
