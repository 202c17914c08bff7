import type { DuckDBConnection } from '@duckdb/node-api';
import { DigestMap, digestWords } from './digest-map.ts';
import { eachRow } from './duckdb.ts';
import type { PartFile } from './part-files.ts';
import { rowsOf } from './readable-parts.ts';
import { StoredReports } from './stored-reports.ts';

/** The rules of core the index needs, as SQL over the columns of a stored row. */
export interface IndexRules {
  readonly believed: string;
  /** Rows whose source is worth reading again. */
  readonly again: string;
}

/** What these files hold, by their index columns. */
export async function loadStoredReports(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  rules: IndexRules,
): Promise<StoredReports> {
  const stored = new StoredReports();
  if (parts.length === 0) return stored;
  const rows = rowsOf(parts);
  const again = new DigestMap();
  await eachRow(connection, `SELECT DISTINCT source_sha256 FROM ${rows} WHERE ${rules.again}`, (cell) => {
    again.set(digestWords(String(cell(0))), 1);
  });
  const addDone = (source: string, reports: number): void => {
    if (again.get(digestWords(source)) === 0) stored.addSource(source, reports);
  };
  const reports = `
    SELECT report_key, report_sha256, ${rules.believed} AS believed, source_sha256, source_reports
    FROM ${rows} WHERE coalesce(policy_index, 0) = 0`;
  await eachRow(connection, reports, (cell) => {
    stored.claim(String(cell(0)), String(cell(1)), cell(2) === true);
    if (cell(4) === 1) addDone(String(cell(3)), 1);
  });
  // Several reports of one source may lie in the files of several months, one of which may have been lost.
  const several = `
    SELECT source_sha256, max(source_reports) FROM ${rows} WHERE source_reports > 1
    GROUP BY source_sha256 HAVING count(DISTINCT report_sha256) >= max(source_reports)`;
  await eachRow(connection, several, (cell) => addDone(String(cell(0)), Number(cell(1))));
  return stored;
}
