import type { DuckDBConnection } from '@duckdb/node-api';
import { DigestMap, digestPair, digestWords } from './digest-map.ts';
import { eachRow } from './duckdb.ts';
import type { PartFile } from './part-files.ts';
import { rowsOf } from './readable-parts.ts';

/** How strongly a copy is held: a believed one cannot be made stronger. */
const UNBELIEVED = 1;
const BELIEVED = 2;

/** The rules of core the index needs, as SQL over the columns of a stored row. */
export interface IndexRules {
  readonly believed: string;
  /** Rows whose source is worth reading again. */
  readonly again: string;
}

/** What is stored already, held in memory: which sources are done, and which reports are held how strongly. */
export class StoredReports {
  /** Sources with nothing left to do, and how many of their reports are stored, plus one. */
  readonly sources = new DigestMap();
  readonly #keys = new DigestMap();
  readonly #copies = new DigestMap();

  /** How many reports of this source are stored, when there is nothing left to do with it; else null. */
  reportsOf(sourceSha256: string): number | null {
    const held = this.sources.get(digestWords(sourceSha256));
    return held === 0 ? null : held - 1;
  }

  /** Notes a source that need not be read again, and how many of its reports are stored. */
  addSource(sourceSha256: string, reports: number): void {
    this.sources.set(digestWords(sourceSha256), reports + 1);
  }

  /**
   * Whether a report is to be stored; if so it is noted as held, so that the same run does not store it twice.
   * duplicate: the same bytes are stored, as strong or stronger · conflict: other bytes are believed under this identity,
   * and these would be, too · new: neither, so that a believed copy of what is stored unbelieved is new
   */
  claim(reportKey: string, reportSha256: string, believed: boolean): 'new' | 'duplicate' | 'conflict' {
    const key = digestWords(reportKey);
    const copy = digestPair(key, digestWords(reportSha256));
    const strength = believed ? BELIEVED : UNBELIEVED;
    if (this.#copies.get(copy) >= strength) return 'duplicate';
    const held = this.#keys.get(key);
    this.#copies.set(copy, strength);
    if (held < strength) this.#keys.set(key, strength);
    return believed && held === BELIEVED ? 'conflict' : 'new';
  }

  /** Reads the index columns of stored files. */
  async load(connection: DuckDBConnection, parts: readonly PartFile[], rules: IndexRules): Promise<void> {
    if (parts.length === 0) return;
    const rows = rowsOf(parts);
    const again = new DigestMap();
    await eachRow(connection, `SELECT DISTINCT source_sha256 FROM ${rows} WHERE ${rules.again}`, (cell) => {
      again.set(digestWords(String(cell(0))), 1);
    });
    const addDone = (source: string, reports: number): void => {
      if (again.get(digestWords(source)) === 0) this.addSource(source, reports);
    };
    const reports = `
      SELECT report_key, report_sha256, ${rules.believed} AS believed, source_sha256, source_reports
      FROM ${rows} WHERE coalesce(policy_index, 0) = 0`;
    await eachRow(connection, reports, (cell) => {
      this.claim(String(cell(0)), String(cell(1)), cell(2) === true);
      if (cell(4) === 1) addDone(String(cell(3)), 1);
    });
    // Several reports of one source may lie in the files of several months, one of which may have been lost.
    const several = `
      SELECT source_sha256, max(source_reports) FROM ${rows} WHERE source_reports > 1
      GROUP BY source_sha256 HAVING count(DISTINCT report_sha256) >= max(source_reports)`;
    await eachRow(connection, several, (cell) => addDone(String(cell(0)), Number(cell(1))));
  }
}
