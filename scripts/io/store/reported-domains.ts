import { openDatabase } from './duckdb.ts';
import { listParts } from './part-files.ts';
import { checkParts, reportRowsOf } from './readable-parts.ts';

/** More names than anybody reads; whoever writes to the mailbox can make up as many as he likes. */
const MOST_NAMES = 10_000;

/**
 * The names that stored reports of the newest `months` months are about, also those that are not ours and whose reports
 * are therefore not counted. Hostile text.
 */
export async function reportedDomains(dataDir: string, months: number): Promise<readonly string[]> {
  const parts = listParts(dataDir);
  const newest = [...new Set(parts.map(({ month }) => month))].sort().slice(-months);
  const wanted = parts.filter(({ month }) => newest.includes(month));
  if (wanted.length === 0) return [];
  const database = await openDatabase();
  try {
    const { readable } = await checkParts(database.connection, dataDir, wanted, undefined, { deep: false });
    if (readable.length === 0) return [];
    const sql = `SELECT DISTINCT policy_domain FROM ${reportRowsOf(readable)} WHERE policy_domain IS NOT NULL ORDER BY 1 LIMIT ${MOST_NAMES}`;
    const rows = (await database.connection.runAndReadAll(sql)).getRows();
    return rows.map(([name]) => String(name));
  } finally {
    database.close();
  }
}
