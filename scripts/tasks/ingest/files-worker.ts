import { obeyOrders, tellNews } from '../obey-orders.ts';
import { startOf } from '../start-thread.ts';
import type { IngestArchive } from './archive.ts';
import { type FileIntake, fileIntake } from './file-intake.ts';
import type { FilesNews, FilesOrder } from './files-thread.ts';
import { type IntakeRequest, openIntake } from './intake.ts';
import { type PackedSources, unpackSources } from './packed-sources.ts';
import type { MailRules } from './proof.ts';

/* The thread that files-thread.ts starts: what files-thread.ts opened is read, compared and stored here. */

const request = startOf<IntakeRequest>();
let opening: Promise<IngestArchive> | null = null;
let intake: FileIntake | null = null;

obeyOrders<FilesOrder>(
  async (order) => {
    if (order.kind === 'open') await open(order.rules);
    else if (intake === null) throw new Error('files came to a thread that is not open');
    else if (order.kind === 'take') await take(intake, order.sources);
    else if (order.kind === 'commit') await intake.commit();
    else tellNews<FilesNews>({ kind: 'finished', result: await intake.finish(), unsettled: intake.unsettled() });
  },
  async () => {
    await intake?.close();
    const archive = await opening?.catch(() => null);
    await archive?.close();
  },
);

async function take(into: FileIntake, sources: PackedSources): Promise<void> {
  await into.take(unpackSources(sources));
  // What is kept of it was copied. Left to the garbage collector, hundreds of these would lie about.
  sources.bytes.buffer.transfer(0);
}

/** Reading begins while the database is still being loaded. */
async function open(rules: MailRules): Promise<void> {
  const { root, data, dryRun } = request;
  const archive = import('./archive.ts').then(({ openIngestArchive }) =>
    openIngestArchive({ root, data, dryRun, rules }),
  );
  opening = archive;
  const opened = archive.then((one) => one.opened);
  opened.catch(() => {});
  const made = await openIntake(
    {
      opened,
      add: async (lines) => (await archive).add(lines),
      finish: async () => (await archive).finish(),
      close: async () => {},
    },
    request,
  );
  intake = fileIntake(made);
  tellNews<FilesNews>({ kind: 'opened', done: made.reading.done });
}
