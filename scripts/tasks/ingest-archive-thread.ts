import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { type JoinedLines, joinLines } from '../io/store/row-line.ts';
import type { ArchiveRequest, IngestArchive, OpenedArchive } from './ingest-archive.ts';
import { errorOf, type ThreadFailure } from './thread-failure.ts';

/** What the thread (ingest-archive-worker.ts) starts with. */
export interface WorkerStart {
  readonly request: ArchiveRequest;
  readonly compileCache: string | undefined;
}

/** To the thread. */
export type WorkerOrder =
  | { readonly kind: 'add'; readonly lines: JoinedLines }
  | { readonly kind: 'finish' }
  | { readonly kind: 'close' };

/** From the thread; one for the opening and one for each order but the last. */
export type WorkerAnswer =
  | { readonly kind: 'opened'; readonly opened: OpenedArchive }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: ThreadFailure };

/** What may wait to be stored; then reading waits. */
const WAITING_CHARACTERS = 8 * 2 ** 20;

/** An IngestArchive in a thread of its own: neither side waits for the other to load its libraries. */
export function startArchiveThread(request: ArchiveRequest): IngestArchive {
  const workerData: WorkerStart = { request, compileCache: getCompileCacheDir() };
  const worker = new Worker(new URL('./ingest-archive-worker.ts', import.meta.url), {
    workerData,
    execArgv: [],
    // Lines pass through it once: a large nursery would only be filled and kept.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const opened = Promise.withResolvers<OpenedArchive>();
  // Whoever asks is told of a failure; nobody has to ask.
  opened.promise.catch(() => {});
  let failure: Error | null = null;
  /** Characters of each order that is not answered yet. */
  const waiting: number[] = [];
  let noticed: () => void = () => {};
  const fail = (error: Error): void => {
    failure ??= error;
    opened.reject(error);
    noticed();
  };
  worker.on('error', fail);
  worker.on('message', (answer: WorkerAnswer) => {
    if (answer.kind === 'failed') {
      fail(errorOf(answer.failure));
      return;
    }
    if (answer.kind === 'opened') opened.resolve(answer.opened);
    else waiting.shift();
    noticed();
  });
  const order = (one: WorkerOrder, characters: number): void => {
    worker.postMessage(one);
    waiting.push(characters);
  };
  const until = async (isEnough: () => boolean): Promise<void> => {
    while (failure === null && !isEnough()) {
      await new Promise<void>((resolve) => {
        noticed = resolve;
      });
    }
    if (failure !== null) throw failure;
  };
  return {
    opened: opened.promise,
    add: async (lines) => {
      const joined = joinLines(lines);
      order({ kind: 'add', lines: joined }, joined.text.length);
      // Answers arrive only between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      await until(() => waiting.reduce((sum, characters) => sum + characters, 0) <= WAITING_CHARACTERS);
    },
    finish: async () => {
      order({ kind: 'finish' }, 0);
      await until(() => waiting.length === 0);
    },
    close: async () => {
      order({ kind: 'close' }, 0);
      await exited;
    },
  };
}
