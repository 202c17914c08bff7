import { type JoinedLines, joinLines } from '../../io/store/row-line.ts';
import { startThread } from '../start-thread.ts';
import { errorOf, type ThreadFailure } from '../thread-failure.ts';
import type { ArchiveRequest, IngestArchive, OpenedArchive } from './archive.ts';

/** To the thread (ingest-archive-worker.ts), which starts with an ArchiveRequest. */
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
const WAITING_BYTES = 8 * 2 ** 20;

/** An IngestArchive in a thread of its own: neither side waits for the other to load its libraries. */
export function startArchiveThread(request: ArchiveRequest): IngestArchive {
  const worker = startThread(new URL('./archive-worker.ts', import.meta.url), request, {
    // Lines pass through it once: a large nursery would only be filled and kept.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const opened = Promise.withResolvers<OpenedArchive>();
  // Whoever asks is told of a failure; nobody has to ask.
  opened.promise.catch(() => {});
  let failure: Error | null = null;
  /** Bytes of each order that is not answered yet. */
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
  const order = (one: WorkerOrder): void => {
    const bytes = one.kind === 'add' ? one.lines.bytes : null;
    waiting.push(bytes?.length ?? 0);
    worker.postMessage(one, bytes === null ? [] : [bytes.buffer]);
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
      order({ kind: 'add', lines: joinLines(lines) });
      // Answers arrive only between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      await until(() => waiting.reduce((sum, bytes) => sum + bytes, 0) <= WAITING_BYTES);
    },
    finish: async () => {
      order({ kind: 'finish' });
      await until(() => waiting.length === 0);
    },
    close: async () => {
      order({ kind: 'close' });
      await exited;
    },
  };
}
