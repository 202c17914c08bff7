import { openDatabase } from './duckdb.ts';
import { type IndexRules, loadStoredReports } from './load-stored-reports.ts';
import { createManaged } from './managed-domains.ts';
import { listParts } from './part-files.ts';
import { checkParts, type UnreadablePart } from './readable-parts.ts';
import { ReportWriter } from './report-writer.ts';
import type { StoredIndex } from './stored-reports.ts';

/** The stored reports as ingest needs them: what is there, and how to add to it. Whoever opens it holds the lock. */
export interface ReportArchive {
  readonly index: StoredIndex;
  /** Stored files that could not be read: what they held is stored again wherever its source still is. */
  readonly unreadable: readonly UnreadablePart[];
  /** Takes rows as lines (row-line.ts), all of one source in one call. They are stored when there are enough of them. */
  readonly add: (lines: readonly string[]) => Promise<void>;
  /** Stores the rest. */
  readonly finish: () => Promise<void>;
  /** Forgets what is not stored yet. */
  readonly close: () => void;
}

export interface ArchiveOptions {
  /** Nothing is written. */
  readonly readOnly: boolean;
  /** The domains that are ours, as the table `managed` that the rules may ask. */
  readonly managed: readonly string[];
  readonly rules: IndexRules;
}

export async function openReportArchive(dataDir: string, options: ArchiveOptions): Promise<ReportArchive> {
  const database = await openDatabase();
  const { connection } = database;
  await createManaged(connection, options.managed);
  const { readable, unreadable } = await checkParts(connection, dataDir, listParts(dataDir));
  const stored = await loadStoredReports(connection, readable, options.rules);
  const writer = new ReportWriter(database, dataDir);
  return {
    index: stored.index,
    unreadable,
    add: async (lines) => {
      if (options.readOnly) return;
      await writer.add(lines);
      if (writer.full) await writer.flush();
    },
    finish: () => writer.flush(),
    close: database.close,
  };
}
