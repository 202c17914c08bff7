import { parentPort } from 'node:worker_threads';
import type { Answer } from './obeying-thread.ts';
import { failureOf } from './thread-failure.ts';

/* In a thread that obeying-thread.ts started. */

/** Obeys each order after the one before; `close` is called when there are no more. */
export function obeyOrders<Order>(obey: (order: Order) => Promise<void>, close: () => Promise<void>): void {
  let last: Promise<void> = Promise.resolve();
  parentPort?.on('message', (order: Order | null) => {
    last = order === null ? last.then(close).finally(() => parentPort?.close()) : last.then(() => answer(obey(order)));
  });
}

async function answer(obeyed: Promise<void>): Promise<void> {
  await obeyed.then(
    () => tell({ kind: 'done' }),
    (error) => tellFailure(error),
  );
}

/** `bytes` are part of the news, go over without a copy, and are gone here. */
export function tellNews<News>(news: News, bytes: Uint8Array<ArrayBuffer> | null = null): void {
  tell({ kind: 'news', news }, bytes);
}

export function tellFailure(error: unknown): void {
  tell({ kind: 'failed', failure: failureOf(error) });
}

function tell<News>(message: Answer<News>, bytes: Uint8Array<ArrayBuffer> | null = null): void {
  parentPort?.postMessage(message, bytes === null ? [] : [bytes.buffer]);
}
