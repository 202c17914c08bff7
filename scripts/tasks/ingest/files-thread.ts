import { startObeyingThread } from '../obeying-thread.ts';
import { type PackedSources, unpackSources } from './packed-sources.ts';
import type { PreparedSource } from './preparing.ts';
import type { SettledStamps } from './settled.ts';

/** What the thread (files-worker.ts) starts with. */
export interface FilesRequest {
  readonly root: string;
  readonly paths: readonly string[];
  /** Also take the stamps of all files. */
  readonly stamped: boolean;
}

/** To the thread. `begin` is the first, with the slots of a DigestMap: sources with nothing left to do. */
export type FilesOrder = { readonly kind: 'begin'; readonly done: Uint32Array } | { readonly kind: 'next' };

/** From the thread: one for each `next`, until there are no more. */
export type FilesNews =
  | { readonly kind: 'sources'; readonly sources: PackedSources }
  | { readonly kind: 'end'; readonly stamps: SettledStamps | null };

/** Files under some paths that a thread of its own finds, opens and unpacks: about half of the work that ingest has with them. */
export interface FilesThread {
  /** Only the first time; `done` as in FilesOrder. */
  readonly begin: (done: Uint32Array) => void;
  readonly sources: () => AsyncGenerator<readonly PreparedSource[]>;
  /** Of all files, once there are no more sources. */
  readonly stamps: () => SettledStamps | null;
  readonly close: () => Promise<void>;
}

/** What may wait to be taken apart; then opening files waits. */
const WAITING_BYTES = 8 * 2 ** 20;
/** How large what comes next may be, as long as nothing has come. */
const FIRST_BYTES = 2 ** 20;

export function startFilesThread(request: FilesRequest): FilesThread {
  let arrived = Promise.withResolvers<void>();
  let failure: Error | null = null;
  const news: FilesNews[] = [];
  const thread = startObeyingThread<FilesOrder, FilesNews>(new URL('./files-worker.ts', import.meta.url), request, {
    news: (one) => {
      news.push(one);
      arrived.resolve();
    },
    failed: (error) => {
      failure = error;
      arrived.resolve();
    },
  });
  let begun = false;
  let stamps: SettledStamps | null = null;
  const next = async (): Promise<FilesNews> => {
    for (let one = news.shift(); ; one = news.shift()) {
      if (one !== undefined) return one;
      if (failure !== null) throw failure;
      await arrived.promise;
      arrived = Promise.withResolvers();
    }
  };
  return {
    begin: (done) => {
      if (!begun) thread.order({ kind: 'begin', done });
      begun = true;
    },
    sources: async function* () {
      let bytes = FIRST_BYTES;
      for (let asked = 0; ; asked -= 1) {
        // Asked for before they are needed: the thread must not wait for the next order.
        for (; asked === 0 || (asked + news.length) * bytes < WAITING_BYTES; asked += 1) thread.order({ kind: 'next' });
        const one = await next();
        if (one.kind === 'end') {
          ({ stamps } = one);
          return;
        }
        bytes = Math.max(one.sources.bytes.length, bytes / 2);
        yield unpackSources(one.sources);
        // What is kept of it was copied. Left to the garbage collector, hundreds of these would lie about.
        one.sources.bytes.buffer.transfer(0);
      }
    },
    stamps: () => stamps,
    close: thread.close,
  };
}
