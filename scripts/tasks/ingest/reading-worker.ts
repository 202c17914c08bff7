import { parentPort } from 'node:worker_threads';
import type { Source } from '../../io/mail/sources.ts';
import { startOf } from '../start-thread.ts';
import { failureOf } from '../thread-failure.ts';
import type { Reading } from './reading.ts';
import type { ReadingAnswer, ReadingOrder, ReadingStart } from './reading-threads.ts';

/* A thread that ingest-reading-threads.ts starts: mail comes as messages, and what it turned out to be goes back. */

const { request, rules } = startOf<ReadingStart>();

const port = parentPort;
const opening = import('./reading.ts').then(({ openSourceReader }) =>
  openSourceReader(request, Promise.resolve(rules)),
);

/** Orders come faster than they are done: each waits for the one before. */
let last: Promise<void> = Promise.resolve();

port?.on('message', (order: ReadingOrder) => {
  last = last.then(() => (order === null ? close() : answer(order)));
});

async function close(): Promise<void> {
  await opening.then((reader) => reader.close()).catch(() => {});
  port?.close();
}

async function answer(order: NonNullable<ReadingOrder>): Promise<void> {
  const answered: ReadingAnswer = await readAll(order).then(
    (readings) => ({ kind: 'read', readings }),
    (error) => ({ kind: 'failed', failure: failureOf(error) }),
  );
  port?.postMessage(answered);
}

async function readAll({ sources, first }: NonNullable<ReadingOrder>): Promise<readonly Reading[]> {
  const reader = await opening;
  const readings: Reading[] = [];
  for (const [index, prepared] of reader.prepare(sources.map(asBuffers)).entries())
    readings.push(await reader.read(prepared, first + index));
  return readings;
}

/** Bytes arrive from another thread as plain Uint8Arrays. */
function asBuffers(source: Source): Source {
  if (source.kind === 'content') return { ...source, bytes: bufferOf(source.bytes) };
  if (source.kind === 'too-large' && source.raw instanceof Uint8Array) return { ...source, raw: bufferOf(source.raw) };
  return source;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
