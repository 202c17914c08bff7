import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addDays } from '#scripts/core/clock.ts';
import { isKept } from '#scripts/core/data-branch/kept.ts';
import { COUNTED } from '#scripts/io/store/counted-files.ts';
import { openDatabase } from '#scripts/io/store/duckdb.ts';
import { isMuchStored } from '#scripts/io/store/much-stored.ts';
import {
  OBSERVATION_COLUMNS,
  OBSERVATION_FORMAT,
  OBSERVATION_ORDER,
  OBSERVATION_TYPES,
} from '#scripts/io/store/observation-columns.ts';
import { sealPart } from '#scripts/io/store/part-files.ts';
import { FILE_ORDER, REPORT_COLUMNS } from '#scripts/io/store/report-columns.ts';
import { day } from '../core/analysis/world.ts';

const FROM = addDays(day('2026-11-21'), -89);
const MONTHS = ['2026-08', '2026-09', '2026-10', '2026-11'];
const REPORTS = 10_000_000;
const OBSERVATIONS = 5_000_000;
const REVIEW_ONCE = fileURLToPath(new URL('./review-once.ts', import.meta.url));

/**
 * A quiet quarter of a fleet: the view of the reports, what stands of the observations, and the judgement of both, in a process
 * of its own. First as `ingest` leaves it, which counts where much is stored, and that is measured, too; then as every run of
 * the same day finds it; in a new clone, which has what the data branch carries; with a domain more, which nobody reported on;
 * and where nothing was counted before.
 */
export async function benchReview(): Promise<readonly string[]> {
  return [...(await reviewOf(10_000, REPORTS, OBSERVATIONS)), ...(await reviewOf(10_000, 100_000, 50_000))];
}

async function reviewOf(domains: number, reports: number, observations: number): Promise<readonly string[]> {
  const data = mkdtempSync(join(tmpdir(), 'postern-bench-review-'));
  try {
    await generate(data, domains, reports, observations);
    const counted = isMuchStored(data) ? countedLines(data, once(data, domains, 'count')) : [];
    const lines = [
      `${domains} domains, ${reports} report rows, ${observations} observations`,
      ...counted,
      ...['first review', 'again'].flatMap((name) => linesOf(name, once(data, domains))),
      ...inNewClone(data, (clone) => linesOf('in a new clone', once(clone, domains))),
      ...linesOf('with a domain more', once(data, domains + 1)),
    ];
    rmSync(join(data, COUNTED), { recursive: true, force: true });
    return [...lines, ...linesOf('nothing counted before', once(data, domains))];
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function once(data: string, domains: number, ...only: readonly string[]): Readonly<Record<string, number>> {
  const { status, stdout, stderr } = spawnSync(process.execPath, [REVIEW_ONCE, data, String(domains), ...only], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the review ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function countedLines(data: string, took: Readonly<Record<string, number>>): readonly string[] {
  const { seconds = 0, processor = 0, megabytes = 0 } = took;
  const bytes = (folder: string): number =>
    globSync(join(data, folder, '*/*')).reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  const [counted, rows] = [bytes(COUNTED), bytes('reports')];
  return [
    `  counted at the end of ingest: ${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processors, peak ${Math.round(megabytes)} MB`,
    `    kept in ${counted.toFixed(1)} MB beside ${rows.toFixed(0)} MB of rows (${((100 * counted) / rows).toFixed(1)} %)`,
  ];
}

/** What the data branch carries, in another place. */
function inNewClone(data: string, take: (clone: string) => readonly string[]): readonly string[] {
  const clone = mkdtempSync(join(tmpdir(), 'postern-bench-clone-'));
  try {
    cpSync(data, clone, { recursive: true, filter: (path) => path === data || isKept(relative(data, path)) });
    return take(clone);
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

function linesOf(name: string, took: Readonly<Record<string, number>>): readonly string[] {
  const seconds = (part: string): string => (took[part] ?? 0).toFixed(2);
  return [
    `  ${name}: ${seconds('seconds')} s, ${seconds('processor')} s of processors, peak ${Math.round(took['megabytes'] ?? 0)} MB, ${took['findings']} findings`,
    `    reports and observations ${seconds('stores')} s, judgement ${seconds('judgement')} s`,
  ];
}

/** Row `i` is a reporter's day of a domain; a few in a thousand sessions fail. */
async function generate(data: string, domains: number, reports: number, observations: number): Promise<void> {
  const { connection, close } = await openDatabase();
  const perDay = Math.ceil(reports / 89);
  // Other bytes in each run: what an earlier one counted is not found again.
  const run = Date.now();
  const report: Readonly<Record<string, string>> = {
    schema_version: '2',
    report_sha256: "md5(d || ' ' || i) || md5(i || ' ' || d)",
    source_sha256: "md5(d || ' ' || i)",
    source_reports: '1',
    report_key: `'r${run} ' || i || ' ' || d`,
    received_at: 'd::TIMESTAMPTZ + INTERVAL 28 HOUR',
    received_order: '0',
    provenance: "'mail'",
    dkim: "'pass'",
    reporter: `'r' || (i // ${domains}) || '.example'`,
    report_id: "i || '-' || d",
    start_at: 'd::TIMESTAMPTZ',
    end_at: 'd::TIMESTAMPTZ + INTERVAL 86399 SECOND',
    day: 'd',
    policy_index: '0',
    policy_type: "'sts'",
    policy_domain: `'d' || (i % ${domains}) || '.example'`,
    // As different from day to day as those of real senders, about 30 % up and down: an even fleet would spare half of the work.
    successful_sessions:
      '(100 * exp(0.6 * ((hash(i, d) % 1000 + hash(d, i) % 1000 + hash(i, d, 1) % 1000) / 1000.0 - 1.5)))::BIGINT',
    failed_sessions: '0',
    strict: 'true',
  };
  const observation: Readonly<Record<string, string>> = {
    at: 'd::TIMESTAMPTZ + INTERVAL 5 HOUR',
    vantage: "'ci'",
    domain: `'d' || (i % ${domains}) || '.example'`,
    kind: "'mx'",
    subject: `'mx' || (i // ${domains} % 2 + 1) || '.d' || (i % ${domains}) || '.example'`,
    address: `'192.0.2.' || (i // ${domains} % 200)`,
    outcome: "'ok'",
    code: "'ok'",
    facts: "'{}'",
  };
  const types: readonly (readonly [string, string])[] = OBSERVATION_COLUMNS.map((name) => [
    name,
    OBSERVATION_TYPES[name],
  ]);
  await write(
    'reports',
    REPORT_COLUMNS.map(({ name, type }) => [name, type] as const),
    report,
    perDay,
    FILE_ORDER,
    '(FORMAT parquet, COMPRESSION zstd)',
  );
  await write('observations', types, observation, Math.ceil(observations / 89), OBSERVATION_ORDER, OBSERVATION_FORMAT);
  close();

  async function write(
    store: string,
    columns: readonly (readonly [string, string])[],
    values: Readonly<Record<string, string>>,
    rows: number,
    order: string,
    format: string,
  ) {
    const list = columns.map(([name, type]) => `CAST(${values[name] ?? 'NULL'} AS ${type}) AS "${name}"`).join(', ');
    for (const month of MONTHS) {
      const folder = join(data, store, `month=${month}`);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'part.tmp');
      await connection.run(
        `COPY (SELECT ${list} FROM (SELECT unnest(range(DATE '${FROM}', DATE '2026-11-21', INTERVAL 1 DAY))::DATE AS d) AS days,
          range(${rows}) AS row(i) WHERE strftime(d, '%Y-%m') = '${month}' ORDER BY ${order}) TO '${file}' ${format}`,
      );
      sealPart(file, folder, []);
    }
  }
}
