import { addDays, dayOf, type Instant } from '../core/clock.ts';
import type { Observation } from '../core/probe/observation.ts';
import { bySubject, type ObservationSpan, spanStatements } from '../core/probe/observation-span.ts';
import { type ObservationWindow, type Standing, standingStatements } from '../core/probe/standing.ts';
import { openObservationFiles } from '../io/store/observation-files.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';

interface ObservationQuery extends ObservationWindow {
  readonly domains: readonly string[];
}

export interface ObservationStore {
  /** Stored files that could not be read, relative to the data folder: their rows are missing from every answer. */
  readonly unreadable: readonly UnreadablePart[];
  /** What was seen last under each code, and since when, by core/probe/standing.ts; made for a whole fleet. */
  readonly read: (query: ObservationQuery) => Promise<readonly Standing[]>;
  /** Everything that was seen, folded where it did not change; made for the page of a domain. */
  readonly history: (query: ObservationQuery) => Promise<readonly ObservationSpan[]>;
  /** Stores rows that are not stored yet, and returns their number. The caller holds the lock (io/store/run-lock.ts). */
  readonly append: (rows: Iterable<Observation>) => Promise<number>;
  /**
   * Makes one file of each month that is over, and removes the months that ended more than `detail_days` before `now`.
   * Returns the months it touched. The caller holds the lock.
   */
  readonly tidy: (options: { readonly now: Instant; readonly detail_days: number }) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** The observations under `<dataDir>/observations`. A store that does not exist yet is empty. */
export async function openObservationStore(dataDir: string): Promise<ObservationStore> {
  const files = await openObservationFiles(dataDir);
  const monthsOf = ({ from, to }: ObservationWindow) => ({ from: from.slice(0, 7), to: to.slice(0, 7) });
  return {
    unreadable: files.unreadable,
    read: async ({ domains, ...window }) => {
      await files.ask([...new Set(domains)].sort());
      return files.standings(monthsOf(window), (rows) => standingStatements(rows, window));
    },
    history: async ({ domains, ...window }) => {
      await files.ask([...new Set(domains)].sort());
      const spans = await files.spans(monthsOf(window), (rows) => spanStatements(rows, window));
      return spans.toSorted(bySubject);
    },
    append: files.append,
    tidy: ({ now, detail_days }) =>
      files.tidy({ keep: addDays(dayOf(now), -detail_days).slice(0, 7), open: now.slice(0, 7) }),
    close: async () => files.close(),
  };
}
