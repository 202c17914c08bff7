import { FileStamps } from '../../io/mail/file-stamps.ts';
import { obeyOrders, tellNews } from '../obey-orders.ts';
import { startOf } from '../start-thread.ts';
import type { FilesNews, FilesOrder, FilesRequest } from './files-thread.ts';
import { packSources } from './packed-sources.ts';
import { readPaths } from './paths.ts';
import { type PreparedSource, preparing } from './preparing.ts';
import { settledStamps } from './settled.ts';

/* The thread that files-thread.ts starts: files are found, opened and unpacked here. */

const { root, paths, stamped } = startOf<FilesRequest>();
let found: Iterator<FilesNews> | null = null;

obeyOrders<FilesOrder>(
  async (order) => {
    if (order.kind === 'begin') found = readAll(order.done);
    else if (found === null) throw new Error('files were asked for before it was said which are done');
    else tell(found.next().value);
  },
  async () => {},
);

function* readAll(done: Uint32Array): Generator<FilesNews, undefined> {
  const prepare = preparing(done);
  const stamps = stamped ? new FileStamps() : null;
  for (const sources of readPaths(paths, stamps)) {
    const prepared = prepare(sources);
    const packed = packSources(prepared);
    release(prepared);
    yield { kind: 'sources', sources: packed };
  }
  yield { kind: 'end', stamps: stamps === null ? null : settledStamps(root, stamps) };
}

/** More may be asked for than there is. */
function tell(news: FilesNews | undefined): void {
  if (news !== undefined) tellNews<FilesNews>(news, news.kind === 'sources' ? news.sources.bytes : null);
}

/**
 * What was unpacked goes over as a copy. The garbage collector counts objects, and these are few and large: left to it, a
 * hundred megabytes of them would lie about. A pool of Node's own is not given back.
 */
function release(prepared: readonly PreparedSource[]): void {
  for (const { unpacked } of prepared) {
    const buffer = unpacked?.bytes.buffer;
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
  }
}
