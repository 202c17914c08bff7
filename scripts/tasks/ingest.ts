import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { withSection } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import type { ImapSettings, NetworkSettings, Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import type { IngestResult } from '../core/reports/ingest-result.ts';
import { mailboxPosition } from '../core/reports/mailbox-position.ts';
import { isMuch } from '../io/mail/amount.ts';
import { FileStamps } from '../io/mail/file-stamps.ts';
import { listParts, settleParts } from '../io/store/part-files.ts';
import { Quarantine } from '../io/store/quarantine.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { StoredReports } from '../io/store/stored-reports.ts';
import { loadCheckpoint, recordTaskRun, updateCheckpoint } from './checkpoint.ts';
import type { ArchiveRequest, IngestArchive } from './ingest-archive.ts';
import { startArchiveThread } from './ingest-archive-thread.ts';
import type { MailboxOutcome, MailboxRun } from './ingest-mailbox.ts';
import { readPaths } from './ingest-paths.ts';
import type { MailRules } from './ingest-proof.ts';
import { openSourceReader, type Reading } from './ingest-reading.ts';
import { openMailReaders } from './ingest-reading-threads.ts';
import { isSettled, rememberSettledRun, settledBefore, waitsForDns } from './ingest-settled.ts';
import { settling } from './ingest-settling.ts';
import { ingestSubmissions, nothingWaits, submissionBoxes } from './ingest-submissions.ts';
import { receivedFolder } from './receive.ts';

export interface IngestOptions {
  readonly root: string;
  readonly data: string;
  /** Files and folders; none = the configured mailbox. */
  readonly paths: readonly string[];
  readonly now: Instant;
  readonly dryRun: boolean;
  /** Where secrets come from; only an IMAP mailbox needs any. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Seconds after which the rest of an IMAP mailbox is left for the next run. */
  readonly budget?: number;
  readonly progress: (text: string) => void;
}

/**
 * Reads new reports into the store: every one once, the believed ones to be counted, the others apart, what cannot be read
 * into quarantine. Throws `mailbox-missing`, `path-missing`, `dkim-keys` (exit 2), `store-busy` (exit 3), and what io/imap throws.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const { root, data, now, dryRun } = options;
  for (const path of options.paths)
    requirePath(path, 'name a .eml, .json, .json.gz or .zip file, an mbox, a Maildir, or a folder of them');
  const inlet: Inlet =
    options.paths.length > 0
      ? { kind: 'paths', paths: options.paths, rules: null, boxes: [] }
      : await configuredMailbox(options);
  const unlock = dryRun ? () => {} : lockStore(data);
  let succeeded = false;
  try {
    if (!dryRun) settleParts(data);
    const settled = inlet.kind === 'paths' ? settledBefore({ root, data, paths: inlet.paths }) : null;
    if (settled !== null && (await nothingWaits(inlet.boxes))) {
      succeeded = true;
      return settled;
    }
    const much = inlet.kind === 'imap' || isMuch(inlet.paths);
    const archive = await openArchive(much, { root, data, dryRun, rules: inlet.rules });
    try {
      const result = await ingestInto(archive, inlet, { ...options, much });
      succeeded = true;
      return result;
    } finally {
      await archive.close();
    }
  } finally {
    // Files named by hand say nothing of whether the mailbox is being read.
    if (!dryRun && options.paths.length === 0) recordTaskRun(data, 'ingest', now, succeeded);
    unlock();
  }
}

/** Where mail comes from; `boxes` are where submissions by HTTPS wait. */
type Inlet = { readonly boxes: ReturnType<typeof submissionBoxes> } & (
  | { readonly kind: 'paths'; readonly paths: readonly string[]; readonly rules: MailRules | null }
  | {
      readonly kind: 'imap';
      readonly imap: ImapSettings;
      readonly network: NetworkSettings;
      readonly rules: MailRules;
    }
);

async function ingestInto(
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
        progress(`${read.toLocaleString('en')} messages read`);
      }
    } finally {
      await reader.close();
    }
  }
  if (inlet.boxes.length > 0) {
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
  { root, data, now, dryRun, environment = {}, budget = Number.POSITIVE_INFINITY, progress }: IngestOptions,
  into: Pick<MailboxRun, 'read' | 'expect' | 'take' | 'reportsOf' | 'commit'>,
): Promise<MailboxOutcome> {
  const [{ imapAccess }, { ingestMailbox }] = await Promise.all([
    import('./imap-access.ts'),
    import('./ingest-mailbox.ts'),
  ]);
  const access = await imapAccess(imap, network, root, environment);
  const section = loadCheckpoint(data).sections['mailbox'];
  return ingestMailbox({
    imap,
    access,
    now,
    dryRun,
    budget: budget * 1000,
    position: mailboxPosition(section, `${imap.user}@${imap.host}:${imap.port}`, imap.inbox),
    remember: (position) => updateCheckpoint(data, (checkpoint) => withSection(checkpoint, 'mailbox', position)),
    progress,
    ...into,
  });
}

/** For much mail the database has a thread of its own: neither side waits for the other to load its libraries. */
async function openArchive(much: boolean, request: ArchiveRequest): Promise<IngestArchive> {
  if (much) return startArchiveThread(request);
  return (await import('./ingest-archive.ts')).openIngestArchive(request);
}

/** The configured mailbox, and what else the configuration says. */
async function configuredMailbox({ root, data, environment = {} }: IngestOptions): Promise<Inlet> {
  const [{ loadConfiguration }, { mailRulesOf }] = await Promise.all([
    import('./load-configuration.ts'),
    import('./ingest-archive.ts'),
  ]);
  const configuration = await loadConfiguration(root);
  const { settings } = configuration;
  const rules = mailRulesOf(configuration, root);
  if (settings === null) throw noMailbox(settings);
  const boxes = submissionBoxes(data, settings.reporting.receiver, environment);
  if (settings.mailbox === null) {
    const isReceiving = settings.reporting.receiver !== null || existsSync(receivedFolder(data));
    if (!isReceiving) throw noMailbox(settings);
    return { kind: 'paths', paths: [], rules, boxes };
  }
  if ('imap' in settings.mailbox) {
    return { kind: 'imap', imap: settings.mailbox.imap, network: settings.network, rules, boxes };
  }
  const folder = resolve(root, settings.mailbox.folder);
  requirePath(
    folder,
    'create the folder, or mend mailbox.folder in domains/_settings.yaml, which is relative to the repository',
  );
  return { kind: 'paths', paths: [folder], rules, boxes };
}

function noMailbox(settings: Settings | null): PosternError {
  return settings === null
    ? new PosternError('mailbox-missing', 'domains/_settings.yaml is missing or has errors, so no mailbox is known', {
        hint: 'run npx postern check, or name files: npx postern ingest FILE…',
        exit: 2,
      })
    : new PosternError('mailbox-missing', 'no mailbox is configured and no path was given', {
        hint: 'write mailbox: {imap: {host: …, user: …}} or {folder: data/inbox} into domains/_settings.yaml, or name files: npx postern ingest FILE…',
        exit: 2,
      });
}

function requirePath(path: string, hint: string): void {
  if (existsSync(path)) return;
  throw new PosternError('path-missing', `there is nothing at ${plainText(path, 300)}`, {
    hint,
    exit: 2,
  });
}

/** Relative to the repository where it lies in it. */
function shortName(root: string, name: string): string {
  const short = relative(resolve(root), name);
  return short === '' || short.startsWith('..') ? name : short;
}
