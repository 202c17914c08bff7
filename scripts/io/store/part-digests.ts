import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { isIntact, type PartFile } from './part-files.ts';

/** From so many bytes on hashing takes longer than to start a thread. */
const LARGE = 2 ** 26;

interface PartDigests {
  /** Whether the bytes are those it was named after; true for a file that somebody else named. */
  readonly isIntact: (part: PartFile) => Promise<boolean>;
  readonly close: () => void;
}

/** Hashes parts, large ones in a thread: what else is to be read is read meanwhile. */
export function partDigests(parts: readonly PartFile[]): PartDigests {
  const named = parts.filter(({ digest }) => digest !== null).map(({ path }) => path);
  const bytes = named.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  if (bytes < LARGE) return { isIntact: async (part) => isIntact(part), close: () => {} };
  const waiting = new Map(named.map((path) => [path, Promise.withResolvers<string | null>()]));
  const worker = new Worker(new URL('./digest-thread.ts', import.meta.url), { execArgv: [] });
  worker.on('message', ({ path, digest }: { readonly path: string; readonly digest: string | null }) => {
    waiting.get(path)?.resolve(digest);
  });
  // Without the thread each is hashed here.
  const giveUp = (): void => {
    for (const { resolve } of waiting.values()) resolve(null);
  };
  worker.on('error', giveUp).on('exit', giveUp);
  for (const path of named) worker.postMessage(path);
  return {
    isIntact: async (part) => {
      const digest = (await waiting.get(part.path)?.promise) ?? null;
      return digest === null || part.digest === null ? isIntact(part) : digest.startsWith(part.digest);
    },
    close: () => void worker.terminate(),
  };
}
