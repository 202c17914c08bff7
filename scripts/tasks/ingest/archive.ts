import { BELIEVED_SQL, WORTH_ANOTHER_LOOK_SQL } from '../../core/reports/acceptance.ts';
import type { UnreadablePart } from '../../io/store/readable-parts.ts';
import { openReportArchive } from '../../io/store/report-archive.ts';
import type { StoredIndex } from '../../io/store/stored-reports.ts';
import type { MailRules } from './proof.ts';

/** What opening depends on, as plain data: it may go to another thread. */
export interface ArchiveRequest {
  readonly root: string;
  readonly data: string;
  readonly dryRun: boolean;
  /** Null = by the configuration under the root, where there is one. */
  readonly rules: MailRules | null;
}

/** What is known once it is open, as plain data. */
export interface OpenedArchive {
  readonly rules: MailRules;
  readonly index: StoredIndex;
  readonly unreadable: readonly UnreadablePart[];
}

/** The half of ingest that is made of configuration and database, in this thread or in another one. */
export interface IngestArchive {
  readonly opened: Promise<OpenedArchive>;
  /** Takes rows as lines, all of one source in one call; resolves when more may come. */
  readonly add: (lines: readonly string[]) => Promise<void>;
  /** Stores the rest. */
  readonly finish: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openIngestArchive({ root, data, dryRun, rules: given }: ArchiveRequest): Promise<IngestArchive> {
  // Reading a configuration takes longer to load than the database: not where somebody has read it already.
  const rules = given ?? (await (await import('./mail-rules.ts')).mailRules(root));
  const sql = { believed: BELIEVED_SQL, again: WORTH_ANOTHER_LOOK_SQL };
  const archive = await openReportArchive(data, { readOnly: dryRun, managed: rules.managed, rules: sql });
  const { index, unreadable, add, finish } = archive;
  const opened = Promise.resolve({ rules, index, unreadable });
  return { opened, add, finish, close: async () => archive.close() };
}
