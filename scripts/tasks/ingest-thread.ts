import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { PosternError } from '../core/failure.ts';
import type { IngestResult } from './ingest.ts';
import type { MailRules, ReadingBatch } from './ingest-reading.ts';
import type { Storer, StoringRequest } from './ingest-storing.ts';

/** What the thread (ingest-storer.ts) starts with. */
export interface StorerData {
  readonly request: StoringRequest;
  readonly compileCache: string | undefined;
}

/** To the thread. */
export type StorerOrder =
  | { readonly kind: 'store'; readonly batch: ReadingBatch }
  | { readonly kind: 'finish' }
  | { readonly kind: 'close' };

/** From the thread. */
export type StorerMessage =
  | { readonly kind: 'open'; readonly rules: MailRules; readonly done: Uint32Array }
  | { readonly kind: 'stored'; readonly characters: number }
  | { readonly kind: 'finished'; readonly result: IngestResult }
  | { readonly kind: 'failed'; readonly failure: StorerFailure };

/** An error as plain data; `code` is null when it is not a PosternError. */
export interface StorerFailure {
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
  readonly exit: 2 | 3;
}

/** What may wait to be stored; then reading waits. */
const WAITING_CHARACTERS = 32 * 2 ** 20;

/** A Storer in a thread of its own. */
export function startStorerThread(request: StoringRequest): Storer {
  const workerData: StorerData = { request, compileCache: getCompileCacheDir() };
  const worker = new Worker(new URL('./ingest-storer.ts', import.meta.url), { workerData, execArgv: [] });
  const rules = Promise.withResolvers<MailRules>();
  const done = Promise.withResolvers<Uint32Array>();
  const result = Promise.withResolvers<IngestResult>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let failure: Error | null = null;
  let waiting = 0;
  let noticed: () => void = () => {};
  const fail = (error: Error): void => {
    failure = error;
    for (const promise of [rules, done, result]) {
      promise.reject(error);
      // Whoever asks for it is told; nobody has to.
      promise.promise.catch(() => {});
    }
  };
  worker.on('error', fail);
  worker.on('message', (message: StorerMessage) => {
    if (message.kind === 'open') {
      rules.resolve(message.rules);
      done.resolve(message.done);
    } else if (message.kind === 'stored') waiting -= message.characters;
    else if (message.kind === 'finished') result.resolve(message.result);
    else fail(errorOf(message.failure));
    noticed();
  });
  const order = (message: StorerOrder): void => worker.postMessage(message);
  return {
    rules: rules.promise,
    done: done.promise,
    store: async (batch) => {
      order({ kind: 'store', batch });
      waiting += batch.characters;
      // Messages arrive only between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      while (failure === null && waiting > WAITING_CHARACTERS) {
        await new Promise<void>((resolve) => {
          noticed = resolve;
        });
      }
      if (failure !== null) throw failure;
    },
    finish: () => {
      order({ kind: 'finish' });
      return result.promise;
    },
    close: async () => {
      order({ kind: 'close' });
      await exited;
    },
  };
}

function errorOf({ code, message, hint, exit }: StorerFailure): Error {
  return code === null
    ? new Error(message)
    : new PosternError(code, message, { ...(hint === null ? {} : { hint }), exit });
}
