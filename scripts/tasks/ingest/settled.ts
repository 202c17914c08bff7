import { join, resolve } from 'node:path';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { FileStamps, stampFiles } from '../../io/mail/file-stamps.ts';
import { recallSettled, rememberSettled } from '../../io/store/settled-inbox.ts';
import { openStampHelper } from './stamp-helper.ts';

/* A second run over files of which every one is settled need not open them: see io/store/settled-inbox.ts. */

interface Inbox {
  readonly root: string;
  readonly data: string;
  readonly paths: readonly string[];
}

/** Every message was a report, or several, and all are stored: the same files hold nothing more. */
export function isSettled({ quarantined, other, unreadable }: IngestResult): boolean {
  return quarantined.length + unreadable.length + Object.keys(other).length === 0;
}

/** What tells whether anything was changed, as plain data: it may come from another thread. */
export interface SettledStamps {
  readonly digest: string;
  /** Something was changed so lately that it may change again unseen. */
  readonly changing: boolean;
}

/** `stamps` of everything under the paths, each taken before it was read; those of the configuration are added. */
export function settledStamps(root: string, stamps: FileStamps): SettledStamps {
  stampFiles(join(resolve(root), 'domains'), stamps);
  return { digest: stamps.digest(), changing: stamps.changing };
}

export function rememberSettledRun(
  { data, paths }: Omit<Inbox, 'root'>,
  { digest, changing }: SettledStamps,
  { messages, reports, duplicates }: IngestResult,
): void {
  if (!changing) rememberSettled(data, paths, { stamps: digest, messages, reports: reports + duplicates });
}

/** With fewer files, to start a thread takes longer than it saves. */
const HELPED_FROM = 20_000;

/** What reading the same files again would come to, when nothing in them, in the store or in the configuration changed. */
export function settledBefore({ root, data, paths }: Inbox): IngestResult | null {
  const settled = recallSettled(data, paths);
  if (settled === null) return null;
  const stamps = new FileStamps();
  const helper = settled.messages < HELPED_FROM ? null : openStampHelper();
  for (const path of paths) stampFiles(resolve(path), stamps, helper);
  helper?.close();
  if (settledStamps(root, stamps).digest !== settled.stamps) return null;
  const none = {
    conflicts: 0,
    foreign: 0,
    unauthenticated: 0,
    quarantined: [],
    warnings: {},
    warnings_by_reporter: {},
    other: {},
    unreadable: [],
  };
  return { messages: settled.messages, reports: 0, duplicates: settled.reports, ...none, waiting: 0, remaining: 0 };
}
