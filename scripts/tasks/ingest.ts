import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { ImapSettings, NetworkSettings, Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import type { IngestResult } from '../core/reports/ingest-result.ts';
import { isMuch } from '../io/mail/amount.ts';
import { isMuchStored } from '../io/store/much-stored.ts';
import { listParts, settleParts } from '../io/store/part-files.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { recordTaskRun } from './checkpoint.ts';
import type { ArchiveRequest, IngestArchive } from './ingest/archive.ts';
import type { FilesThread } from './ingest/files-thread.ts';
import type { MailRules } from './ingest/proof.ts';
import { settledBefore } from './ingest/settled.ts';
import type { WaitingBox } from './ingest/submissions.ts';

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
  /** Also reads the mail that an IMAP mailbox has filed already; where the time was up, the next such run goes on. */
  readonly filed?: boolean;
  readonly progress: (text: string) => void;
}

/**
 * Reads new reports into the store: every one once, the believed ones to be counted, the others apart, what cannot be read
 * into quarantine. Throws `mailbox-missing`, `mailbox-unknown`, `path-missing`, `dkim-keys` (exit 2), `store-busy` (exit 3), and what io/imap throws.
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
    if (settled !== null && (await isEmpty(inlet.boxes))) {
      succeeded = true;
      return settled;
    }
    const result = await readIn(inlet, options);
    succeeded = true;
    // After its database is closed: two of them would be too much memory.
    if (!dryRun && isMuchStored(data)) {
      const { countAhead } = await import('./count-ahead.ts');
      await countAhead({ root, data, now });
    }
    return result;
  } finally {
    // Files named by hand say nothing of whether the mailbox is being read.
    if (!dryRun && options.paths.length === 0) recordTaskRun(data, 'ingest', now, succeeded);
    unlock();
  }
}

async function readIn(inlet: Inlet, options: IngestOptions): Promise<IngestResult> {
  const { root, data, dryRun } = options;
  // It finds and opens files while all else is being loaded.
  const files = inlet.kind === 'paths' && isMuch(inlet.paths) ? await startFiles(inlet.paths, options) : null;
  try {
    const archive = await openArchive(inlet.kind, { root, data, dryRun, rules: inlet.rules });
    try {
      // Loaded while the archive is opened, and not at all when nothing is new.
      const { ingestInto } = await import('./ingest/into.ts');
      return await ingestInto(archive, inlet, options, files);
    } finally {
      await archive.close();
    }
  } finally {
    await files?.close();
  }
}

/** Where mail comes from; `boxes` are where submissions by HTTPS wait. */
export type Inlet = { readonly boxes: readonly WaitingBox[] } & (
  | { readonly kind: 'paths'; readonly paths: readonly string[]; readonly rules: MailRules | null }
  | {
      readonly kind: 'imap';
      readonly imap: ImapSettings;
      readonly network: NetworkSettings;
      readonly rules: MailRules;
    }
);

/** What is to be read of them is known at once where nothing is stored yet. */
async function startFiles(paths: readonly string[], { root, data, dryRun }: IngestOptions): Promise<FilesThread> {
  const { startFilesThread } = await import('./ingest/files-thread.ts');
  const files = startFilesThread({ root, paths, stamped: !dryRun });
  if (listParts(data).length === 0) files.begin(new Uint32Array());
  return files;
}

/** For a mailbox the database has a thread of its own: neither side waits for the other to load its libraries. */
async function openArchive(kind: Inlet['kind'], request: ArchiveRequest): Promise<IngestArchive> {
  if (kind === 'imap') return (await import('./ingest/archive-thread.ts')).startArchiveThread(request);
  return (await import('./ingest/archive.ts')).openIngestArchive(request);
}

/** The configured mailbox, and what else the configuration says. */
async function configuredMailbox({ root, data, environment = {} }: IngestOptions): Promise<Inlet> {
  const [{ loadConfiguration }, { mailRulesOf }, { submissionBoxes }, { receivedFolder }] = await Promise.all([
    import('./load-configuration.ts'),
    import('./ingest/mail-rules.ts'),
    import('./ingest/submissions.ts'),
    import('./receive.ts'),
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

async function isEmpty(boxes: readonly WaitingBox[]): Promise<boolean> {
  for (const box of boxes) if ((await box.list(1)).length > 0) return false;
  return true;
}

function noMailbox(settings: Settings | null): PosternError {
  return settings === null
    ? new PosternError('mailbox-unknown', 'domains/_settings.yaml is missing or has errors, so no mailbox is known', {
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
