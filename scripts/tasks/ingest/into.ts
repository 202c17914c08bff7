import { withSection } from '../../core/checkpoint.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { mailboxPosition } from '../../core/reports/mailbox-position.ts';
import { loadCheckpoint, updateCheckpoint } from '../checkpoint.ts';
import type { IngestOptions, Inlet } from '../ingest.ts';
import type { IngestArchive } from './archive.ts';
import { fileIntake } from './file-intake.ts';
import { type Intake, openIntake } from './intake.ts';
import type { MailboxOutcome, MailboxRun } from './mailbox.ts';
import { readPaths } from './paths.ts';
import { preparing } from './preparing.ts';
import { openMailReaders } from './reading-threads.ts';

/** Reads what the inlet holds into an archive: a few files, or a mailbox over IMAP. */
export async function ingestInto(archive: IngestArchive, inlet: Inlet, options: IngestOptions): Promise<IngestResult> {
  const intake = await openIntake(archive, { ...options, paths: inlet.kind === 'paths' });
  let left: MailboxOutcome = { waiting: 0, remaining: 0 };
  if (inlet.kind === 'paths') await takeFiles(inlet.paths, intake);
  else {
    const { read, expect, close } = openMailReaders(intake.reading, inlet.rules);
    left = await readImap(inlet, options, { ...intake, read, expect }).finally(close);
  }
  if (inlet.boxes.length > 0) {
    const { ingestSubmissions } = await import('./submissions.ts');
    const { read, close } = openMailReaders(intake.reading, await intake.rules);
    const { commit } = intake;
    await ingestSubmissions(inlet.boxes, {
      take: async (sources) => intake.take(await read(sources)),
      commit,
      dryRun: options.dryRun,
    }).finally(close);
  }
  return { ...(await intake.finish()), ...left };
}

async function takeFiles(paths: readonly string[], intake: Intake): Promise<void> {
  const prepare = preparing(intake.reading.done);
  const { take, close } = fileIntake(intake);
  try {
    for (const sources of readPaths(paths, null)) await take(prepare(sources));
  } finally {
    await close();
  }
}

/** The IMAP mailbox, from where the last run stood. */
async function readImap(
  { imap, network }: Extract<Inlet, { kind: 'imap' }>,
  {
    root,
    data,
    now,
    dryRun,
    environment = {},
    budget = Number.POSITIVE_INFINITY,
    filed = false,
    progress,
  }: IngestOptions,
  into: Pick<MailboxRun, 'read' | 'expect' | 'take' | 'reportsOf' | 'commit'>,
): Promise<MailboxOutcome> {
  const [{ imapAccess }, { ingestMailbox }] = await Promise.all([import('../imap-access.ts'), import('./mailbox.ts')]);
  const access = await imapAccess(imap, network, root, environment);
  const section = loadCheckpoint(data).sections['mailbox'];
  return ingestMailbox({
    imap,
    access,
    now,
    dryRun,
    budget: budget * 1000,
    filed,
    position: mailboxPosition(section, `${imap.user}@${imap.host}:${imap.port}`, imap.inbox),
    remember: (position) => updateCheckpoint(data, (checkpoint) => withSection(checkpoint, 'mailbox', position)),
    progress,
    ...into,
  });
}
