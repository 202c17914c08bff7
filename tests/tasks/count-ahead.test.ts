import assert from 'node:assert/strict';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { isKept } from '#scripts/core/data-branch/kept.ts';
import { openDatabase } from '#scripts/io/store/duckdb.ts';
import { isMuchStored } from '#scripts/io/store/much-stored.ts';
import { sealPart } from '#scripts/io/store/part-files.ts';
import { FILE_ORDER, REPORT_COLUMNS } from '#scripts/io/store/report-columns.ts';
import { compact } from '#scripts/tasks/compact.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { review } from '#scripts/tasks/review.ts';
import { dayOf, instantOf, row, storeRows } from '../io/store/stored-rows.ts';

/* Where much is stored, whoever writes rows leaves what a review counts of them beside them. */

const scratch = mkdtempSync(join(tmpdir(), 'postern-count-ahead-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const NOW = instantOf('2026-11-21T06:00:00Z');
const ROWS = 101_000;
const much = join(scratch, 'much');

before(async () => {
  mkdirSync(join(much, 'domains'), { recursive: true });
  writeFileSync(
    join(much, 'domains/_settings.yaml'),
    'organisation: Test\nreporting: { rua: [mailto:tls@reports.example] }\nretention: { detail_days: 31 }\n',
  );
  writeFileSync(join(much, 'domains/example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\n');
  for (const [day, id] of [
    ['2026-10-05', 'october'],
    ['2026-11-18', 'november'],
  ] as const)
    await writeMany(join(much, 'data'), day, id);
  assert.ok(isMuchStored(join(much, 'data')));
});

/** A file of so many reports of one day, named after its bytes, with texts that do not compress. */
async function writeMany(data: string, day: string, id: string): Promise<void> {
  const one = join(scratch, id);
  await storeRows(one, [row({ id, day: dayOf(day), received_at: instantOf(`${day}T20:00:00Z`) })]);
  const folder = join(data, 'reports', `month=${day.slice(0, 7)}`);
  mkdirSync(folder, { recursive: true });
  const digest = `sha256(i || '${id}')`;
  const noise = [1, 2, 3, 4, 5].map((salt) => `sha256(i || '${id}${salt}')`).join(' || ');
  const list = REPORT_COLUMNS.map(({ name }) => name).join(', ');
  const { connection, close } = await openDatabase();
  await connection.run(`COPY (
    SELECT ${list} FROM (
      SELECT * REPLACE (${digest} AS report_key, ${digest} AS report_sha256, ${digest} AS source_sha256, ${noise} AS extra)
      FROM '${one}/reports/*/*.parquet', range(${ROWS}) AS many(i)
    ) ORDER BY ${FILE_ORDER}) TO '${folder}/part.tmp' (FORMAT parquet, COMPRESSION zstd)`);
  close();
  sealPart(join(folder, 'part.tmp'), folder);
}

let worlds = 0;
/** As a run on a new machine finds it: what the branch carries, and nothing else. */
function copyOf(root: string): string {
  worlds += 1;
  const copy = join(scratch, `world-${worlds}`);
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !path.includes('/data/') || isKept(relative(join(root, 'data'), path)),
  });
  return copy;
}

const files = (root: string) => globSync('counted/*/*', { cwd: join(root, 'data') }).sort();
const months = (root: string) => files(root).map((file) => file.split('/')[1]);
const bytes = (root: string) => files(root).map((file) => readFileSync(join(root, 'data', file)).toString('base64'));
const compacted = (root: string, now = NOW) =>
  compact({ root, data: join(root, 'data'), now, dryRun: false, progress: () => {} });
const reviewed = (root: string) => review({ root, data: join(root, 'data'), now: NOW });

async function ingested(root: string, id: string): Promise<void> {
  const report = join(root, `${id}.json`);
  const range = { 'start-datetime': '2026-11-19T00:00:00Z', 'end-datetime': '2026-11-19T23:59:59Z' };
  const policy = { 'policy-type': 'sts', 'policy-domain': 'example.com' };
  const summary = { 'total-successful-session-count': 5, 'total-failure-session-count': 0 };
  writeFileSync(
    report,
    JSON.stringify({
      'organization-name': id,
      'date-range': range,
      'contact-info': `tls@${id}.example`,
      'report-id': id,
      policies: [{ policy, summary }],
    }),
  );
  const { reports } = await ingest({
    root,
    data: join(root, 'data'),
    paths: [report],
    now: NOW,
    dryRun: false,
    progress: () => {},
  });
  assert.equal(reports, 1);
}

test('ingest leaves what a review counts, only the month that changed is counted again, and a review writes nothing', async () => {
  const root = copyOf(much);
  const before = await reviewed(root);
  assert.deepEqual(files(root), [], 'a review writes nothing');
  await ingested(root, 'one');
  assert.deepEqual(months(root), ['month=2026-10', 'month=2026-11']);
  const [october, november] = files(root);
  await ingested(root, 'two');
  assert.equal(files(root)[0], october);
  assert.notEqual(files(root)[1], november);
  assert.equal(files(root).length, 2);
  const clone = copyOf(root);
  assert.deepEqual(await reviewed(clone), await reviewed(root));
  const day = ({ days }: typeof before) => days.find((one) => one.day === '2026-11-18')?.successful;
  assert.equal(day(await reviewed(clone)), day(before));
  assert.equal(day(before), ROWS * 10);
  assert.deepEqual(bytes(clone), bytes(root));
  for (const file of files(root)) assert.ok(statSync(join(root, 'data', file)).size < 4000, basename(file));
});

test('two runs that came to the same rows left the same bytes; where none was left the next run leaves them', async () => {
  const [one, two] = [copyOf(much), copyOf(much)];
  await ingested(one, 'one');
  cpSync(join(one, 'data/reports'), join(two, 'data/reports'), { recursive: true });
  // Killed between the rows and what is counted of them.
  assert.deepEqual(files(two), []);
  await compacted(two, instantOf('2026-11-01T00:00:00Z'));
  await ingested(two, 'more');
  assert.equal(files(two).length, 2);
  assert.deepEqual([files(two)[0], bytes(two)[0]], [files(one)[0], bytes(one)[0]]);
});

test('compact counts what it made one file of, and what retention deletes goes with what was counted of it', async () => {
  const root = copyOf(much);
  await ingested(root, 'one');
  const [october] = files(root);
  await storeRows(join(root, 'data'), [
    row({ id: 'late', day: dayOf('2026-10-28'), received_at: instantOf('2026-10-29T00:00:00Z') }),
  ]);
  await compacted(root, instantOf('2026-11-04T12:00:00Z'));
  assert.equal(globSync('reports/month=2026-10/*', { cwd: join(root, 'data') }).length, 1);
  assert.ok(months(root).includes('month=2026-10'));
  assert.notEqual(files(root)[0], october);
  await compacted(root);
  assert.deepEqual(months(root), [], 'what is left of October is little, and so is all of the store');
  assert.deepEqual(globSync('counted', { cwd: join(root, 'data') }), []);
});

test('a damaged file is said by the review, and replaced by the next ingest', async () => {
  const root = copyOf(much);
  await ingested(root, 'one');
  const [october = ''] = files(root);
  const { recounted: none, ...whole } = await reviewed(root);
  assert.equal(none, undefined);
  writeFileSync(join(root, 'data', october), 'damaged');
  const { recounted, ...again } = await reviewed(root);
  assert.deepEqual([recounted, again], [[october], whole]);
  await ingested(root, 'two');
  assert.equal((await reviewed(root)).recounted, undefined);
});
