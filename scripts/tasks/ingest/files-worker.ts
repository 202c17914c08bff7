import { FileStamps } from '../../io/mail/file-stamps.ts';
import type { Source } from '../../io/mail/sources.ts';
import { obeyOrders, tellNews } from '../obey-orders.ts';
import { startOf } from '../start-thread.ts';
import type { FilesNews, FilesOrder, FilesRequest } from './files-thread.ts';
import { packSources } from './packed-sources.ts';
import { readPaths } from './paths.ts';
import { type Prepare, type PreparedSource, preparing } from './preparing.ts';
import { settledStamps } from './settled.ts';

/* The thread that files-thread.ts starts: files are found, opened and unpacked here. */

const { root, paths, stamped } = startOf<FilesRequest>();
const stamps = stamped ? new FileStamps() : null;
let prepare: Prepare | null = null;
let found: Iterator<readonly Source[]> | null = null;

obeyOrders<FilesOrder>(
  async (order) => {
    if (order.kind === 'begin') {
      prepare = preparing(order.done);
      found = readPaths(paths, stamps);
    } else if (prepare === null || found === null)
      throw new Error('files were asked for before it was said which are done');
    else tellNext(prepare, found.next());
  },
  async () => {},
);

function tellNext(prepareAll: Prepare, { done, value }: IteratorResult<readonly Source[]>): void {
  if (done === true) {
    tellNews<FilesNews>({ kind: 'end', stamps: stamps === null ? null : settledStamps(root, stamps) });
    return;
  }
  const prepared = prepareAll(value);
  const sources = packSources(prepared);
  release(prepared);
  tellNews<FilesNews>({ kind: 'sources', sources }, sources.bytes);
}

/**
 * What was unpacked goes over as a copy. The garbage collector counts objects, and these are few and large: left to it, a
 * hundred megabytes of them would lie about. A pool of Node's own is not given back.
 */
function release(prepared: readonly PreparedSource[]): void {
  for (const { unpacked } of prepared) {
    const buffer = unpacked?.buffer;
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
  }
}
