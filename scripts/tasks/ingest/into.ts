import { hash } from 'node:crypto';
import { withSection } from '../../core/checkpoint.ts';
import { grouped } from '../../core/grouped.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { mailboxPosition } from '../../core/reports/mailbox-position.ts';
import { loadCheckpoint, updateCheckpoint } from '../checkpoint.ts';
import type { IngestOptions, Inlet } from '../ingest.ts';
import type { IngestArchive } from './archive.ts';
import { fileIntake } from './file-intake.ts';
import type { FilesThread } from './files-thread.ts';
import { type Intake, openIntake } from './intake.ts';
import type { MailboxOutcome, MailboxRun } from './mailbox.ts';
import { readPaths } from './paths.ts';
import { type PreparedSource, preparing } from './preparing.ts';
import { openMailReaders } from './reading-threads.ts';
import { isSettled, rememberSettledRun } from './settled.ts';

/** Reads what the inlet holds into an archive: files, many of them by a thread of their own, or a mailbox over IMAP. */
export async function ingestInto(
  archive: IngestArchive,
  inlet: Inlet,
  options: IngestOptions,
  files: FilesThread | null,
): Promise<IngestResult> {
  const intake = await openIntake(archive, { ...options, paths: inlet.kind === 'paths' });
  let left: MailboxOutcome = { waiting: 0, remaining: 0 };
  let unsettled = false;
  if (inlet.kind === 'paths') {
    files?.begin(intake.reading.done);
    unsettled = await takeFiles(files?.sources() ?? sourcesUnder(inlet.paths, intake), intake, options.progress);
  } else {
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
  const result = { ...(await intake.finish()), ...left };
  const stamps = files?.stamps() ?? null;
  if (inlet.kind === 'paths' && stamps !== null && !unsettled && isSettled(result)) {
    rememberSettledRun({ data: options.data, paths: inlet.paths }, stamps, result);
  }
  return result;
}

function* sourcesUnder(paths: readonly string[], { reading }: Intake): Generator<readonly PreparedSource[]> {
  const prepare = preparing(reading.done);
  for (const sources of readPaths(paths, null)) yield prepare(sources);
}

/** Whether something is worth another look although nothing about it changes. */
async function takeFiles(
  found: Iterable<readonly PreparedSource[]> | AsyncIterable<readonly PreparedSource[]>,
  intake: Intake,
  progress: IngestOptions['progress'],
): Promise<boolean> {
  const { take, unsettled, close } = fileIntake(intake);
  let read = 0;
  try {
    for await (const sources of found) {
      await take(sources);
      read += sources.length;
      progress(`${grouped(read)} messages read`);
    }
    return unsettled();
  } finally {
    await close();
  }
}

/** The IMAP mailbox, from where the last run stood. */
async function readImap(
  { imap, network, rules }: Extract<Inlet, { kind: 'imap' }>,
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
    again: filed ? hash('sha256', [...rules.managed].sort().join('\n')).slice(0, 16) : null,
    position: mailboxPosition(section, `${imap.user}@${imap.host}:${imap.port}`, imap.inbox),
    remember: (position) => updateCheckpoint(data, (checkpoint) => withSection(checkpoint, 'mailbox', position)),
    progress,
    ...into,
  });
}
