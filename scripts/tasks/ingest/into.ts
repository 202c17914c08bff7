import { relative, resolve } from 'node:path';
import { withSection } from '../../core/checkpoint.ts';
import { grouped } from '../../core/grouped.ts';
import { plainText } from '../../core/plain-text.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { mailboxPosition } from '../../core/reports/mailbox-position.ts';
import { FileStamps } from '../../io/mail/file-stamps.ts';
import { listParts } from '../../io/store/part-files.ts';
import { Quarantine } from '../../io/store/quarantine.ts';
import { StoredReports } from '../../io/store/stored-reports.ts';
import { loadCheckpoint, updateCheckpoint } from '../checkpoint.ts';
import type { IngestOptions, Inlet } from '../ingest.ts';
import type { IngestArchive } from './archive.ts';
import type { MailboxOutcome, MailboxRun } from './mailbox.ts';
import { readPaths } from './paths.ts';
import { openSourceReader, type Reading } from './reading.ts';
import { openMailReaders } from './reading-threads.ts';
import { isSettled, rememberSettledRun, waitsForDns } from './settled.ts';
import { settling } from './settling.ts';

/** Reads what the inlet holds into an archive. */
export async function ingestInto(
  archive: IngestArchive,
  inlet: Inlet,
  options: IngestOptions & { readonly much: boolean },
): Promise<IngestResult> {
  const { root, data, now, dryRun, progress, much } = options;
  // Where nothing is stored yet there is nothing to compare with, and so nothing to wait for.
  const stored = new StoredReports(listParts(data).length === 0 ? undefined : (await archive.opened).index);
  const quarantine = new Quarantine(data, { readOnly: dryRun });
  for (const sha256 of quarantine.held) if (quarantine.find(sha256)?.reports === 0) stored.addSource(sha256, 0);
  const show = (name: string): string => plainText(inlet.kind === 'paths' ? shortName(root, name) : name, 300);
  const { settle, know, counts } = settling({ stored, quarantine, now, show });
  const mailRules = archive.opened.then((opened) => {
    know(opened.rules.managed);
    return opened.rules;
  });
  // Only mail asks for them; finish tells what is wrong to everybody.
  mailRules.catch(() => {});
  const request = { now, done: stored.index.sources };
  const take = (readings: readonly Reading[]) => archive.add(settle(readings));
  let left: MailboxOutcome = { waiting: 0, remaining: 0 };
  const stamps = inlet.kind === 'paths' && !dryRun && much ? new FileStamps() : null;
  let unsettled = false;
  if (inlet.kind === 'imap') {
    const reportsOf = (sha256: string) => stored.reportsOf(sha256) ?? 0;
    const reader = openMailReaders(request, inlet.rules);
    const into = { read: reader.read, expect: reader.expect, take, reportsOf, commit: archive.finish };
    left = await readImap(inlet, options, into).finally(reader.close);
  } else {
    const reader = openSourceReader(request, mailRules);
    let read = 0;
    try {
      for await (const readings of readPaths(inlet.paths, reader, stamps)) {
        await take(readings);
        unsettled ||= readings.some(waitsForDns);
        read += readings.length;
        progress(`${grouped(read)} messages read`);
      }
    } finally {
      await reader.close();
    }
  }
  if (inlet.boxes.length > 0) {
    const { ingestSubmissions } = await import('./submissions.ts');
    const reader = openMailReaders(request, await mailRules);
    const into = { read: reader.read, take, commit: archive.finish, dryRun };
    await ingestSubmissions(inlet.boxes, into).finally(reader.close);
  }
  await archive.finish();
  await mailRules;
  const result = { ...counts(), ...left, unreadable: (await archive.opened).unreadable };
  if (inlet.kind === 'paths' && stamps !== null && !unsettled && isSettled(result))
    rememberSettledRun({ root, data, paths: inlet.paths }, stamps, result);
  return result;
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

/** Relative to the repository where it lies in it. */
function shortName(root: string, name: string): string {
  const short = relative(resolve(root), name);
  return short === '' || short.startsWith('..') ? name : short;
}
