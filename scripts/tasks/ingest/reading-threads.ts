import { availableParallelism } from 'node:os';
import type { Source } from '../../io/mail/sources.ts';
import { startThread } from '../start-thread.ts';
import { errorOf, type ThreadFailure } from '../thread-failure.ts';
import type { MailRules } from './proof.ts';
import { openSourceReader, type Reading, type ReadingRequest } from './reading.ts';

/** What a thread (ingest-reading-worker.ts) starts with. */
export interface ReadingStart {
  readonly request: ReadingRequest;
  readonly rules: MailRules;
}

/** To a thread: mails, and the place of the first among all of the run. Null: it is over. */
export type ReadingOrder = { readonly sources: readonly Source[]; readonly first: number } | null;

/** From a thread, one for each order but the last. */
export type ReadingAnswer =
  | { readonly kind: 'read'; readonly readings: readonly Reading[] }
  | { readonly kind: 'failed'; readonly failure: ThreadFailure };

/** Reads mail; taking it apart and verifying it is nearly all the work that ingest has. */
export interface MailReaders {
  /** The readings stand in the order of the sources, and the sources of a later call behind those of an earlier one. */
  readonly read: (sources: readonly Source[]) => Promise<readonly Reading[]>;
  /** Tells how much is to come: threads for much mail are started before the first of it is here. */
  readonly expect: (mails: number) => void;
  readonly close: () => Promise<void>;
}

/** A thread costs as much as reading so much mail: a daily run has less. */
const THREADS_FROM = 200;
const MOST_THREADS = 4;
/** With so much mail, reading it is two thirds of all that is to do: then no processor is left to the rest alone. */
const EVERY_PROCESSOR_FROM = 2000;
/** Mails a thread gets at once, and how many such shares: it must not wait for the next one to be handed out. */
const SHARE = 32;
const SHARES = 2;

/** The first mails are read in this thread; when there are many, all further ones in several. */
export function openMailReaders(request: ReadingRequest, rules: MailRules): MailReaders {
  const own = openSourceReader(request, Promise.resolve(rules));
  let threads: readonly ReadingThread[] = [];
  let read = 0;
  const expect = (mails: number): void => {
    if (threads.length === 0 && mails >= THREADS_FROM) threads = startThreads(request, rules, mails);
  };
  return {
    expect,
    read: async (sources) => {
      const first = read + 1;
      read += sources.length;
      expect(read);
      if (threads.length > 0) return readShared(threads, sources, first);
      const readings: Reading[] = [];
      for (const [index, prepared] of own.prepare(sources).entries())
        readings.push(await own.read(prepared, first + index));
      return readings;
    },
    close: async () => {
      await Promise.all([own.close(), ...threads.map((thread) => thread.close())]);
    },
  };
}

/** Each thread takes the next share when it is done with one. */
async function readShared(
  threads: readonly ReadingThread[],
  sources: readonly Source[],
  first: number,
): Promise<readonly Reading[]> {
  const shares: (readonly Reading[])[] = [];
  let next = 0;
  const work = async (thread: ReadingThread): Promise<void> => {
    while (next < sources.length) {
      const start = next;
      next += SHARE;
      shares[start / SHARE] = await thread.read({ sources: sources.slice(start, start + SHARE), first: first + start });
    }
  };
  await Promise.all(threads.flatMap((thread) => Array.from({ length: SHARES }, () => work(thread))));
  return shares.flat();
}

interface ReadingThread {
  readonly read: (order: NonNullable<ReadingOrder>) => Promise<readonly Reading[]>;
  readonly close: () => Promise<void>;
}

function startThreads(request: ReadingRequest, rules: MailRules, mails: number): readonly ReadingThread[] {
  // What is stored already is looked up by all of them in the same memory.
  const done = new Uint32Array(new SharedArrayBuffer(request.done.byteLength));
  done.set(request.done);
  const start: ReadingStart = { request: { ...request, done }, rules };
  // One processor is left to fetching, to the database and, where it is on the same machine, to the server.
  const processors = availableParallelism() - (mails < EVERY_PROCESSOR_FROM ? 1 : 0);
  const count = Math.min(MOST_THREADS, Math.max(1, processors));
  return Array.from({ length: count }, () => startReading(start));
}

function startReading(start: ReadingStart): ReadingThread {
  const worker = startThread(new URL('./reading-worker.ts', import.meta.url), start, {
    // Mail passes through it once: a large nursery would only be filled and kept.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let failure: Error | null = null;
  /** Orders without an answer; answers come in the order of the orders. */
  const waiting: PromiseWithResolvers<readonly Reading[]>[] = [];
  const fail = (error: Error): void => {
    failure ??= error;
    for (const one of waiting.splice(0)) one.reject(failure);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a reading thread ended')));
  worker.on('message', (answer: ReadingAnswer) => {
    if (answer.kind === 'failed') fail(errorOf(answer.failure));
    else waiting.shift()?.resolve(answer.readings);
  });
  return {
    read: (order) => {
      if (failure !== null) return Promise.reject(failure);
      const answered = Promise.withResolvers<readonly Reading[]>();
      waiting.push(answered);
      worker.postMessage(order);
      return answered.promise;
    },
    close: async () => {
      worker.postMessage(null satisfies ReadingOrder);
      await exited;
    },
  };
}
