import type { FetchedMail } from '../../io/imap/imap-folder.ts';
import { MESSAGE_BYTES, megabytes } from '../../io/mail/limits.ts';
import type { Source } from '../../io/mail/sources.ts';
import type { Reading } from './reading.ts';

/** What is read ahead while earlier mail is stored and filed: a server may take seconds to move so many. */
const AHEAD_MAILS = 2000;
const AHEAD_BYTES = 16 * 2 ** 20;

interface Chunk {
  readonly mails: readonly FetchedMail[];
  readonly readings: Promise<readonly Reading[]>;
}

interface Reader {
  /** Folder, for people. */
  readonly path: string;
  readonly read: (sources: readonly Source[]) => Promise<readonly Reading[]>;
  readonly take: (mails: readonly FetchedMail[], readings: readonly Reading[]) => Promise<void>;
  /** By performance.now(). */
  readonly deadline: number;
}

/** Has mail read while what came before it is taken, in order. False when the deadline left some of it. */
export async function readAhead(
  fetched: AsyncIterable<readonly FetchedMail[]>,
  { path, read, take, deadline }: Reader,
): Promise<boolean> {
  const ahead: Chunk[] = [];
  let isFirst = true;
  const takeChunk = async ({ mails, readings }: Chunk): Promise<void> => {
    isFirst = false;
    await take(mails, await readings);
  };
  for await (const mails of fetched) {
    const next: Chunk = { mails, readings: read(mails.map((mail) => sourceOf(mail, path))) };
    // Awaited when its turn comes; a failure before that is not an unhandled one.
    next.readings.catch(() => {});
    ahead.push(next);
    for (let chunk = tooFarAhead(ahead); chunk !== undefined; chunk = tooFarAhead(ahead)) await takeChunk(chunk);
    if (performance.now() <= deadline) continue;
    // At least one chunk, or a run with too little time would never get on.
    const first = isFirst ? ahead.shift() : undefined;
    if (first !== undefined) await takeChunk(first);
    return false;
  }
  for (const chunk of ahead) await takeChunk(chunk);
  return true;
}

/** The first chunk, taken off, when more is waiting than should. */
function tooFarAhead(ahead: Chunk[]): Chunk | undefined {
  const waiting = ahead.flatMap(({ mails }) => mails);
  const bytes = waiting.reduce((sum, mail) => sum + mail.bytes.length, 0);
  return ahead.length > 1 && (waiting.length > AHEAD_MAILS || bytes > AHEAD_BYTES) ? ahead.shift() : undefined;
}

function sourceOf({ uid, bytes, whole, size }: FetchedMail, path: string): Source {
  const name = `${path} UID ${uid}`;
  if (whole) return { kind: 'content', name, fileName: '', provenance: 'mail', bytes };
  const message = `${megabytes(size)}; at most ${megabytes(MESSAGE_BYTES)} are read of a mail. This is its beginning; all of it is in the mailbox.`;
  return { kind: 'too-large', name, message, raw: bytes };
}
