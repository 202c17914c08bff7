import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import type { IngestResult } from '../core/reports/ingest-result.ts';
import { listParts, settleParts } from '../io/store/part-files.ts';
import { Quarantine } from '../io/store/quarantine.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { StoredReports } from '../io/store/stored-reports.ts';
import type { ArchiveRequest, IngestArchive } from './ingest-archive.ts';
import { startArchiveThread } from './ingest-archive-thread.ts';
import { type MailRules, readAll } from './ingest-reading.ts';
import { settling } from './ingest-settling.ts';

export interface IngestOptions {
  readonly root: string;
  readonly data: string;
  /** Files and folders; none = the configured mailbox. */
  readonly paths: readonly string[];
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly progress: (text: string) => void;
}

/**
 * Reads new reports into the store: every one once, the believed ones to be counted, the others apart, what cannot be read
 * into quarantine. Throws `mailbox-missing`, `mailbox-imap`, `path-missing`, `dkim-keys` (exit 2), `store-busy` (exit 3).
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const { root, data, now, dryRun, progress } = options;
  for (const path of options.paths)
    requirePath(path, 'name a .eml, .json, .json.gz or .zip file, an mbox, a Maildir, or a folder of them');
  const { paths, rules } = options.paths.length > 0 ? { paths: options.paths, rules: null } : await mailbox(root);
  const unlock = dryRun ? () => {} : lockStore(data);
  try {
    if (!dryRun) settleParts(data);
    const archive = await openArchive(paths, { root, data, dryRun, rules });
    try {
      // Where nothing is stored yet there is nothing to compare with, and so nothing to wait for.
      const stored = new StoredReports(listParts(data).length === 0 ? undefined : (await archive.opened).index);
      const quarantine = new Quarantine(data, { readOnly: dryRun });
      for (const sha256 of quarantine.held) if (quarantine.find(sha256)?.reports === 0) stored.addSource(sha256, 0);
      const show = (name: string): string => plainText(shortName(root, name), 300);
      const { settle, know, counts } = settling({ stored, quarantine, now, show });
      const mailRules = archive.opened.then((opened) => {
        know(opened.rules.managed);
        return opened.rules;
      });
      // Only mail asks for them; finish tells what is wrong to everybody.
      mailRules.catch(() => {});
      let read = 0;
      for await (const readings of readAll({ paths, now, done: stored.index.sources }, mailRules)) {
        await archive.add(settle(readings));
        read += readings.length;
        progress(`${read.toLocaleString('en')} messages read`);
      }
      await archive.finish();
      await mailRules;
      return { ...counts(), unreadable: (await archive.opened).unreadable };
    } finally {
      await archive.close();
    }
  } finally {
    unlock();
  }
}

/** For much mail the database has a thread of its own: neither side waits for the other to load its libraries. */
async function openArchive(paths: readonly string[], request: ArchiveRequest): Promise<IngestArchive> {
  if (isMuch(paths)) return startArchiveThread(request);
  return (await import('./ingest-archive.ts')).openIngestArchive(request);
}

/** A thread costs as much as reading this many files. */
const MANY_FILES = 1000;
const MANY_BYTES = 8 * 2 ** 20;

function isMuch(paths: readonly string[]): boolean {
  let files = 0;
  const visit = (path: string): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) return stat.size >= MANY_BYTES;
    if (!stat?.isDirectory()) return false;
    const entries = readdirSync(path, { withFileTypes: true });
    files += entries.length;
    return files >= MANY_FILES || entries.some((entry) => entry.isDirectory() && visit(join(path, entry.name)));
  };
  return paths.some(visit);
}

/** The configured folder, and what else the configuration says. */
async function mailbox(root: string): Promise<{ readonly paths: readonly string[]; readonly rules: MailRules }> {
  const [{ loadConfiguration }, { mailRulesOf }] = await Promise.all([
    import('./load-configuration.ts'),
    import('./ingest-archive.ts'),
  ]);
  const configuration = await loadConfiguration(root);
  const folder = folderOf(configuration.settings, root);
  requirePath(
    folder,
    'create the folder, or mend mailbox.folder in domains/_settings.yaml, which is relative to the repository',
  );
  return { paths: [folder], rules: mailRulesOf(configuration, root) };
}

function folderOf(settings: Settings | null, root: string): string {
  const mailbox = settings?.mailbox ?? null;
  if (mailbox === null) {
    throw new PosternError('mailbox-missing', 'no mailbox is configured and no path was given', {
      hint: 'write mailbox: {folder: data/inbox} into domains/_settings.yaml, or name files: npx postern ingest FILE…',
      exit: 2,
    });
  }
  if ('imap' in mailbox) {
    throw new PosternError('mailbox-imap', 'the configured mailbox is an IMAP server, and this version reads folders', {
      hint: 'have the mail delivered into a folder and write mailbox: {folder: …}, or name files: npx postern ingest FILE…',
      exit: 2,
    });
  }
  return resolve(root, mailbox.folder);
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
