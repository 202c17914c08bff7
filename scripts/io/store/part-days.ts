import type { DuckDBConnection } from '@duckdb/node-api';
import type { Day, Instant } from '../../core/clock.ts';
import { eachRow } from './duckdb.ts';
import type { PartFile } from './part-files.ts';
import { rowsOf } from './readable-parts.ts';

/** The rows of one day in one file. */
export interface PartDay {
  readonly part: PartFile;
  readonly day: Day;
  readonly rows: number;
  /** When the last of them was received. */
  readonly received: Instant;
}

export async function partDays(connection: DuckDBConnection, parts: readonly PartFile[]): Promise<readonly PartDay[]> {
  const days: PartDay[] = [];
  if (parts.length === 0) return days;
  // The next whole second, where somebody else's file knows parts of one.
  const sql = `
    SELECT file_index::INTEGER, day::VARCHAR, count(*)::DOUBLE, strftime(max(received_at) + INTERVAL 999999 MICROSECOND, '%Y-%m-%dT%H:%M:%SZ')
    FROM ${rowsOf(parts)} GROUP BY file_index, day ORDER BY file_index, day`;
  await eachRow(connection, sql, (cell) => {
    const part = parts[cell(0) as number];
    if (part === undefined) return;
    days.push({ part, day: cell(1) as Day, rows: cell(2) as number, received: cell(3) as Instant });
  });
  return days;
}
