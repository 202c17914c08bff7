import { joinLines } from '../../io/store/row-line.ts';
import { startObeyingThread } from '../obeying-thread.ts';
import type { ArchiveRequest, IngestArchive, OpenedArchive } from './archive.ts';

/** To the thread (archive-worker.ts), which starts with an ArchiveRequest and tells when it is open. */
export type ArchiveOrder =
  | { readonly kind: 'add'; readonly lines: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'finish' };

/** What may wait to be stored; then reading waits. */
const WAITING_BYTES = 8 * 2 ** 20;

/** An IngestArchive in a thread of its own: neither side waits for the other to load its libraries. */
export function startArchiveThread(request: ArchiveRequest): IngestArchive {
  const opened = Promise.withResolvers<OpenedArchive>();
  // Whoever asks is told of a failure; nobody has to ask.
  opened.promise.catch(() => {});
  const thread = startObeyingThread<ArchiveOrder, OpenedArchive>(
    new URL('./archive-worker.ts', import.meta.url),
    request,
    { news: opened.resolve, failed: opened.reject },
  );
  return {
    opened: opened.promise,
    add: async (added) => {
      const lines = joinLines(added);
      thread.order({ kind: 'add', lines }, lines);
      await thread.room(WAITING_BYTES);
    },
    finish: async () => {
      thread.order({ kind: 'finish' });
      await thread.idle();
    },
    close: thread.close,
  };
}
