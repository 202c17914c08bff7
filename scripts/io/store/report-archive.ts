import { openDatabase } from './duckdb.ts';
import { createManaged } from './managed-domains.ts';
import { listParts, settleParts } from './part-files.ts';
import { Quarantine } from './quarantine.ts';
import { checkParts, type UnreadablePart } from './readable-parts.ts';
import { ReportWriter } from './report-writer.ts';
import { lockStore } from './run-lock.ts';
import { StoredReports } from './stored-reports.ts';

/** The store as ingest needs it: what is there, and how to add to it. */
export interface ReportArchive {
  /** Sources that are done, quarantined ones among them, and reports that are held. */
  readonly stored: StoredReports;
  readonly quarantine: Quarantine;
  /** Stored files that could not be read: what they held is read again wherever its source still is. */
  readonly unreadable: readonly UnreadablePart[];
  /** Keeps rows (as lines, row-line.ts) until the next `flush`; all rows of one source between two calls of it. */
  readonly add: (lines: readonly string[]) => void;
  /** Stores what was added: when it is enough to be worth a file, or `all` of it. */
  readonly flush: (amount: 'when-full' | 'all') => Promise<void>;
  readonly close: () => void;
}

export interface ArchiveOptions {
  /** Nothing is written, locked or repaired. */
  readonly readOnly: boolean;
  /** The domains that are ours, as the table `managed` that `again` may ask. */
  readonly managed: readonly string[];
  /** Rules of core over the columns of a stored row, as SQL. */
  readonly rules: { readonly believed: string; readonly again: string };
}

/** Opens `<dataDir>` for ingest: alone, and after what an earlier run left undone is done. */
export async function openReportArchive(dataDir: string, options: ArchiveOptions): Promise<ReportArchive> {
  const unlock = options.readOnly ? () => {} : lockStore(dataDir);
  try {
    if (!options.readOnly) settleParts(dataDir);
    const database = await openDatabase();
    const { connection } = database;
    await createManaged(connection, options.managed);
    const { readable, unreadable } = await checkParts(connection, dataDir, listParts(dataDir));
    const stored = new StoredReports();
    await stored.load(connection, readable, options.rules);
    const quarantine = new Quarantine(dataDir, options);
    for (const sha256 of quarantine.held) if (quarantine.find(sha256)?.reports === 0) stored.addSource(sha256, 0);
    const writer = new ReportWriter(database, dataDir);
    return {
      stored,
      unreadable,
      quarantine,
      add: (lines) => {
        if (!options.readOnly) writer.add(lines);
      },
      flush: async (amount) => {
        if (amount === 'all' || writer.full) await writer.flush();
        else await writer.handOver();
      },
      close: () => {
        database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
