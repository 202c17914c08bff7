import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import { DigestMap } from '../io/store/digest-map.ts';
import { listParts } from '../io/store/part-files.ts';
import { type MailRules, readAll } from './ingest-reading.ts';
import type { Storer, StoringRequest } from './ingest-storing.ts';
import { startStorerThread } from './ingest-thread.ts';

export interface IngestOptions {
  readonly root: string;
  readonly data: string;
  /** Files and folders; none = the configured mailbox. */
  readonly paths: readonly string[];
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly progress: (text: string) => void;
}

export interface IngestResult {
  /** Mails and report files read. */
  readonly messages: number;
  /** Newly stored, whether they count or stand apart. */
  readonly reports: number;
  /** Stored already, with the same bytes. */
  readonly duplicates: number;
  /** Newly stored beside another report of the same identity. */
  readonly conflicts: number;
  /** Of the new ones: about no domain managed here. */
  readonly foreign: number;
  /** Of the new ones: about a managed domain, in mail without a valid, aligned signature. */
  readonly unauthenticated: number;
  readonly quarantined: readonly { readonly source: string; readonly reason: string }[];
  /** Repairs of the new ones, by name. */
  readonly warnings: Readonly<Record<string, number>>;
  /** What is no TLS report and was left alone, by class. */
  readonly other: Readonly<Record<string, number>>;
  /** Files of the store that could not be read. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
}

/**
 * Reads new reports into the store: every one once, the believed ones to be counted, the others apart, what cannot be read
 * into quarantine. Throws `mailbox-missing`, `mailbox-imap`, `path-missing`, `dkim-keys` (exit 2), `store-busy` (exit 3).
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const { root, data, now, dryRun, progress } = options;
  for (const path of options.paths) requirePath(path);
  const { paths, rules } = options.paths.length > 0 ? { paths: options.paths, rules: null } : await mailbox(root);
  const storer = await openStorer(paths, { root, data, now, dryRun, rules });
  try {
    // Where nothing is stored yet there is nothing to wait for.
    const done = isEmpty(data) ? new DigestMap().slots : await storer.done;
    let read = 0;
    for await (const batch of readAll({ paths, now, done }, storer.rules)) {
      await storer.store(batch);
      read += batch.readings.length;
      progress(`${read.toLocaleString('en')} messages read`);
    }
    return await storer.finish();
  } finally {
    await storer.close();
  }
}

/** Much is stored in a thread of its own while this one reads, and neither waits for the other to load its libraries. */
async function openStorer(paths: readonly string[], request: StoringRequest): Promise<Storer> {
  if (isMuch(paths)) return startStorerThread(request);
  return (await import('./ingest-storing.ts')).openStorer(request);
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

function isEmpty(data: string): boolean {
  return listParts(data).length === 0 && !existsSync(join(data, 'quarantine'));
}

/** The configured folder, and what else the configuration says. */
async function mailbox(root: string): Promise<{ readonly paths: readonly string[]; readonly rules: MailRules }> {
  const [{ loadConfiguration }, { mailRulesOf }] = await Promise.all([
    import('./load-configuration.ts'),
    import('./ingest-storing.ts'),
  ]);
  const configuration = await loadConfiguration(root);
  const folder = folderOf(configuration.settings, root);
  requirePath(folder);
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

function requirePath(path: string): void {
  if (existsSync(path)) return;
  throw new PosternError('path-missing', `there is nothing at ${plainText(path, 300)}`, {
    hint: 'name a .eml, .json, .json.gz or .zip file, an mbox, a Maildir, or a folder of them',
    exit: 2,
  });
}
