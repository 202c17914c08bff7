import { startThread } from './start-thread.ts';
import { errorOf, type ThreadFailure } from './thread-failure.ts';

/** From the thread (obey-orders.ts): one answer for each order but the last, and its own news. */
export type Answer<News> =
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: ThreadFailure };

/** A thread that obeys one order after the other, in their order. */
export interface ObeyingThread<Order> {
  /** `bytes` are part of the order, go over without a copy, and are gone here. */
  readonly order: (order: Order, bytes?: Uint8Array<ArrayBuffer> | null) => void;
  /** Resolves when no more than so many bytes of orders wait; rejects with what failed there. */
  readonly room: (bytes: number) => Promise<void>;
  /** Resolves when every order is obeyed; rejects with what failed there. */
  readonly idle: () => Promise<void>;
  /** Ends the thread, after the orders it has. */
  readonly close: () => Promise<void>;
}

/** `failed` is told the first failure, also one that nobody waits for. */
export function startObeyingThread<Order, News>(
  module: URL,
  start: unknown,
  told: { readonly news: (news: News) => void; readonly failed: (error: Error) => void },
): ObeyingThread<Order> {
  const worker = startThread(module, start, {
    // What passes through it is needed once: a large nursery would only be filled and kept.
    resourceLimits: { maxYoungGenerationSizeMb: 32 },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let failure: Error | null = null;
  /** Bytes of each order that is not answered yet. */
  const waiting: number[] = [];
  let noticed: () => void = () => {};
  const fail = (error: Error): void => {
    if (failure === null) told.failed(error);
    failure ??= error;
    noticed();
  };
  worker.on('error', fail);
  worker.on('message', (answer: Answer<News>) => {
    if (answer.kind === 'failed') {
      fail(errorOf(answer.failure));
      return;
    }
    if (answer.kind === 'news') told.news(answer.news);
    else waiting.shift();
    noticed();
  });
  const until = async (isEnough: () => boolean): Promise<void> => {
    // Answers arrive only between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (failure === null && !isEnough()) {
      await new Promise<void>((resolve) => {
        noticed = resolve;
      });
    }
    if (failure !== null) throw failure;
  };
  return {
    order: (order, bytes = null) => {
      waiting.push(bytes?.length ?? 0);
      worker.postMessage(order, bytes === null ? [] : [bytes.buffer]);
    },
    room: (bytes) => until(() => waiting.reduce((sum, one) => sum + one, 0) <= bytes),
    idle: () => until(() => waiting.length === 0),
    close: async () => {
      worker.postMessage(null);
      await exited;
    },
  };
}
