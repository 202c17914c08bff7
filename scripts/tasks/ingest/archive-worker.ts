import { parentPort } from 'node:worker_threads';
import { startOf } from '../start-thread.ts';
import { failureOf } from '../thread-failure.ts';
import type { ArchiveRequest, LocalArchive } from './archive.ts';
import type { WorkerAnswer, WorkerOrder } from './archive-thread.ts';

/* The thread that ingest-archive-thread.ts starts: an IngestArchive whose calls and answers are messages. */

const port = parentPort;
const opening = open();
/** Orders come faster than they are done: each waits for the one before. */
let last: Promise<unknown> = opening.catch(tell);

port?.on('message', (order: WorkerOrder) => {
  last = order.kind === 'close' ? last.then(close) : last.then(() => obey(order)).catch(tell);
});

async function open(): Promise<LocalArchive> {
  const { openIngestArchive } = await import('./archive.ts');
  const archive = await openIngestArchive(startOf<ArchiveRequest>());
  answer({ kind: 'opened', opened: await archive.opened });
  return archive;
}

async function obey(order: Exclude<WorkerOrder, { kind: 'close' }>): Promise<void> {
  const archive = await opening;
  if (order.kind === 'add') await archive.addJoined(order.lines);
  else await archive.finish();
  answer({ kind: 'done' });
}

async function close(): Promise<void> {
  const archive = await opening.catch(() => null);
  await archive?.close();
  port?.close();
}

function answer(message: WorkerAnswer): void {
  port?.postMessage(message);
}

function tell(error: unknown): void {
  answer({ kind: 'failed', failure: failureOf(error) });
}
