import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

/** How many reports, and what they may take: times reading alone, MB, and of the first run when nothing is new. */
const SIZES = [
  { reports: 20_000, ratio: 2.5, megabytes: 600, again: null },
  { reports: 100_000, ratio: 2, megabytes: 500, again: 0.1 },
] as const;
const DAYS = 28;
const ROUNDS = 3;
const POSTERN = new URL('../../scripts/postern.mjs', import.meta.url).pathname;

/** What any reader of these files has to do, in one process. */
const FLOOR = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { gunzipSync } from 'node:zlib';
  let policies = 0;
  for (const name of readdirSync(process.argv[1])) {
    policies += JSON.parse(gunzipSync(readFileSync(process.argv[1] + '/' + name)).toString()).policies.length;
  }
  if (policies === 0) process.exit(1);
`;

/** Told on stderr by each child: its peak of resident memory in MB. */
const PEAK = `data:text/javascript,process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS / 1024))`;

/**
 * 20,000 and 100,000 `.json.gz` reports: the whole `postern ingest` process against a process that only reads, unpacks and
 * parses them, and against itself when nothing is new. The shortest of three rounds counts, so that what else the machine does
 * counts least. Then what the store takes on disk.
 */
export async function benchIngest(): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const size of SIZES) lines.push(...(await benchSize(size)));
  return lines;
}

async function benchSize({
  reports,
  ratio: limit,
  megabytes,
  again: share,
}: (typeof SIZES)[number]): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'postern-bench-ingest-'));
  try {
    const inbox = join(root, 'inbox');
    writeWorld(root, inbox, reports);
    const ingest = [POSTERN, 'ingest', inbox, '--root', root, '--json', '--now', '2026-11-21T06:00:00Z', '--data'];
    // Compiled code is cached between runs, as it is on a machine that runs hourly.
    run(['--import', PEAK, ...ingest, join(root, 'warm')]);
    let floor = Number.POSITIVE_INFINITY;
    let first = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    let peak = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const data = join(root, `data-${round}`);
      floor = Math.min(floor, run(['--import', PEAK, '--input-type=module', '-e', FLOOR, inbox]).seconds);
      const whole = run(['--import', PEAK, ...ingest, data]);
      const again = run(['--import', PEAK, ...ingest, data]);
      expectCounts(whole.output, { reports, duplicates: 0 });
      expectCounts(again.output, { reports: 0, duplicates: reports });
      first = Math.min(first, whole.seconds);
      second = Math.min(second, again.seconds);
      peak = Math.max(peak, whole.peak, again.peak);
    }
    const ratio = (a: number, b: number): string => (a / b).toFixed(2);
    const last = join(root, `data-${ROUNDS - 1}`);
    return [
      `read, gunzip, JSON.parse ${reports} reports   ${floor.toFixed(2)} s`,
      `postern ingest, whole process              ${first.toFixed(2)} s, ratio ${ratio(first, floor)} (at most ${limit})`,
      `the same again, nothing new                ${second.toFixed(2)} s, ${ratio(second, first)} of the first${share === null ? '' : ` (at most ${share})`}`,
      `peak memory                                ${Math.round(peak)} MB (at most ${megabytes})`,
      ...(share === null ? [] : await bytesOnDisk(last)),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What a million rows take, by column: the largest first. */
async function bytesOnDisk(data: string): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const files = `'${data}/reports/*/*.parquet'`;
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const [[rows] = []] = await ask(`SELECT count(*)::DOUBLE FROM read_parquet(${files})`);
  const columns = await ask(`
    SELECT split_part(path_in_schema, ',', 1) AS name, sum(total_compressed_size)::DOUBLE AS bytes
    FROM parquet_metadata(${files}) GROUP BY name ORDER BY bytes DESC`);
  connection.closeSync();
  const perMillion = (bytes: number): string =>
    `${((bytes / Number(rows)) * 1e6).toLocaleString('en', { maximumFractionDigits: 0 }).padStart(12)}`;
  const total = columns.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return [
    'bytes on disk for a million report rows',
    `  ${'all columns'.padEnd(24)}${perMillion(total)}`,
    ...columns.map(([name, bytes]) => `  ${String(name).padEnd(24)}${perMillion(Number(bytes))}`),
  ];
}

/** Three managed domains, and the reports of two months on a thousand. */
function writeWorld(root: string, inbox: string, reports: number): void {
  mkdirSync(join(root, 'domains'));
  mkdirSync(inbox);
  const settings = 'organisation: Bench\nreporting: { rua: [mailto:tls@reports.example] }\n';
  writeFileSync(join(root, 'domains/_settings.yaml'), settings);
  for (let domain = 0; domain < 3; domain += 1) {
    const config = `mode: testing\nmx: [mx1.d${domain}.example]\n`;
    writeFileSync(join(root, `domains/d${domain}.example.yaml`), config);
  }
  for (let index = 0; index < reports; index += 1) {
    writeFileSync(join(inbox, `${index}.json.gz`), gzipSync(JSON.stringify(reportOf(index))));
  }
}

function reportOf(index: number): unknown {
  const domain = `d${index % 1000}.example`;
  const day = `2026-${index % 2 === 0 ? '10' : '11'}-${String(1 + (index % DAYS)).padStart(2, '0')}`;
  const failed = index % 5 === 0 ? 2 : 0;
  const detail = {
    'result-type': 'certificate-expired',
    'sending-mta-ip': '192.0.2.1',
    'receiving-mx-hostname': `mx1.${domain}`,
    'receiving-ip': '2001:db8::1',
    'failed-session-count': failed,
  };
  return {
    'organization-name': `Sender ${index % 7}`,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': `tls-reports@sender${index % 7}.example`,
    'report-id': `${day}_${domain}_${index}`,
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', `mx: mx1.${domain}`, 'max_age: 604800'],
          'policy-domain': domain,
          'mx-host': [`mx1.${domain}`],
        },
        summary: { 'total-successful-session-count': 100 + (index % 900), 'total-failure-session-count': failed },
        ...(failed > 0 ? { 'failure-details': [detail] } : {}),
      },
    ],
  };
}

interface Run {
  readonly seconds: number;
  readonly peak: number;
  readonly output: string;
}

function run(args: readonly string[]): Run {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${args.at(-1)} ended with ${status}: ${stderr}`);
  return { seconds, peak: Number(/peak ([\d.]+)/.exec(stderr)?.[1] ?? 0), output: stdout };
}

function expectCounts(output: string, expected: Readonly<Record<string, number>>): void {
  const result = JSON.parse(output) as Record<string, unknown>;
  for (const [name, count] of Object.entries(expected)) {
    if (result[name] !== count) throw new Error(`${name}: ${String(result[name])} instead of ${count}`);
  }
}
