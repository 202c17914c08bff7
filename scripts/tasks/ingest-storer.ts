import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { PosternError } from '../core/failure.ts';
import type { Storer } from './ingest-storing.ts';
import type { StorerData, StorerFailure, StorerMessage, StorerOrder } from './ingest-thread.ts';

/* The thread that ingest-thread.ts starts: an openStorer whose calls and answers are messages. */

const { request, compileCache }: StorerData = workerData;
// A thread does not inherit it.
if (compileCache !== undefined) enableCompileCache(compileCache);

const port = parentPort;
const post = (message: StorerMessage): void => port?.postMessage(message);

const opened = open();
/** Orders come faster than they are done: each waits for the one before. */
let last: Promise<unknown> = opened.catch(tell);

port?.on('message', (order: StorerOrder) => {
  last = order.kind === 'close' ? last.then(close) : last.then(() => obey(order)).catch(tell);
});

async function open(): Promise<Storer> {
  const { openStorer } = await import('./ingest-storing.ts');
  const storer = await openStorer(request);
  post({ kind: 'open', rules: await storer.rules, done: await storer.done });
  return storer;
}

async function obey(order: Exclude<StorerOrder, { kind: 'close' }>): Promise<void> {
  const storer = await opened;
  if (order.kind === 'store') {
    await storer.store(order.batch);
    post({ kind: 'stored', characters: order.batch.characters });
  } else post({ kind: 'finished', result: await storer.finish() });
}

async function close(): Promise<void> {
  const storer = await opened.catch(() => null);
  await storer?.close();
  port?.close();
}

function tell(error: unknown): void {
  post({ kind: 'failed', failure: failureOf(error) });
}

function failureOf(error: unknown): StorerFailure {
  if (error instanceof PosternError) {
    return { code: error.code, message: error.message, hint: error.hint, exit: error.exit };
  }
  return {
    code: null,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: null,
    exit: 3,
  };
}
