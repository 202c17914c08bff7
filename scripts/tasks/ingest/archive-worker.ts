import { splitLines } from '../../io/store/row-line.ts';
import { obeyOrders, tellFailure, tellNews } from '../obey-orders.ts';
import { startOf } from '../start-thread.ts';
import type { ArchiveRequest, IngestArchive, OpenedArchive } from './archive.ts';
import type { ArchiveOrder } from './archive-thread.ts';

/* The thread that archive-thread.ts starts: an IngestArchive whose calls and answers are messages. */

const opening = open();
opening.catch(tellFailure);

obeyOrders<ArchiveOrder>(
  async (order) => {
    const archive = await opening;
    if (order.kind === 'add') await archive.add(splitLines(order.lines));
    else await archive.finish();
  },
  async () => {
    const archive = await opening.catch(() => null);
    await archive?.close();
  },
);

async function open(): Promise<IngestArchive> {
  const { openIngestArchive } = await import('./archive.ts');
  const archive = await openIngestArchive(startOf<ArchiveRequest>());
  tellNews<OpenedArchive>(await archive.opened);
  return archive;
}
