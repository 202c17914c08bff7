import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation } from '../../core/probe/observation.ts';
import type { ObservationSpan, SpanStatements } from '../../core/probe/observation-span.ts';
import type { Standing, StandingStatements } from '../../core/probe/standing.ts';
import { openDatabase } from './duckdb.ts';
import { createManaged } from './managed-domains.ts';
import { OBSERVATION_COLUMNS } from './observation-columns.ts';
import { readSpans } from './observation-spans.ts';
import { readStandings } from './observation-standings.ts';
import { appendObservations, mergeMonths } from './observation-writer.ts';
import { listParts, type PartFile, settleParts } from './part-files.ts';
import { checkParts, rowsOf, type UnreadablePart } from './readable-parts.ts';

const STORE = 'observations';

/** Months as `2026-11`, both included. */
interface MonthRange {
  readonly from: string;
  readonly to: string;
}

/** The stored observations. Whoever calls `append` or `tidy` holds the lock of the store. */
export interface ObservationFiles {
  /** Stored files that could not be read. Their rows are missing from every answer. */
  readonly unreadable: readonly UnreadablePart[];
  /** Makes these the domains that are asked of. */
  readonly ask: (domains: readonly string[]) => Promise<void>;
  /** `statements` are given the rows of these months. */
  readonly standings: (
    months: MonthRange,
    statements: (rows: string) => StandingStatements,
  ) => Promise<readonly Standing[]>;
  /** In no order; `statements` are given the rows of these months. */
  readonly spans: (
    months: MonthRange,
    statements: (rows: string) => SpanStatements,
  ) => Promise<readonly ObservationSpan[]>;
  /** Stores rows that are not stored yet, and returns their number. */
  readonly append: (rows: Iterable<Observation>) => Promise<number>;
  /** Makes one file of each month before `open`, removes the months before `keep`, and returns those it touched. */
  readonly tidy: (months: { readonly keep: string; readonly open: string }) => Promise<readonly string[]>;
  readonly close: () => void;
}

/** Opens `<dataDir>/observations`. What does not exist yet is empty; nothing is written before `append` or `tidy`. */
export async function openObservationFiles(dataDir: string): Promise<ObservationFiles> {
  const { connection, close } = await openDatabase();
  const { readable, unreadable } = await checkParts(
    connection,
    dataDir,
    listParts(dataDir, STORE),
    OBSERVATION_COLUMNS,
  );
  const broken = new Set(unreadable.map(({ file }) => join(dataDir, file)));
  let parts = readable;
  const within = ({ from, to }: MonthRange): readonly PartFile[] =>
    parts.filter(({ month }) => month >= from && month <= to);
  const list = (): void => {
    parts = listParts(dataDir, STORE).filter(({ path }) => !broken.has(path));
  };
  return {
    unreadable,
    ask: (domains) => createManaged(connection, domains),
    standings: async (months, statements) => {
      const asked = within(months);
      return asked.length === 0 ? [] : readStandings(connection, asked, statements(rowsOf(asked)));
    },
    spans: async (months, statements) => {
      const asked = within(months);
      return asked.length === 0 ? [] : readSpans(connection, asked, statements(rowsOf(asked)));
    },
    append: async (rows) => {
      settleParts(dataDir, STORE);
      list();
      const added = await appendObservations(connection, dataDir, rows, parts);
      list();
      return added;
    },
    tidy: async ({ keep, open }) => {
      settleParts(dataDir, STORE);
      list();
      const expired = parts.filter(({ month }) => month < keep);
      for (const { path } of expired) rmSync(path);
      const closed = parts.filter(({ month }) => month >= keep && month < open);
      const merged = new Map([...Map.groupBy(closed, ({ month }) => month)].filter(([, many]) => many.length > 1));
      await mergeMonths(connection, dataDir, merged);
      list();
      return [...new Set([...expired.map(({ month }) => month), ...merged.keys()])].sort();
    },
    close,
  };
}
