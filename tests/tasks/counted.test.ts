import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import type { ReportsView } from '#scripts/core/reports/view.ts';
import { sha256Of } from '#scripts/io/evidence/month-folders.ts';
import { countedName } from '#scripts/io/store/counted-files.ts';
import { bytesOfFigures, figuresOfBytes } from '#scripts/io/store/figure-bytes.ts';
import { listParts } from '#scripts/io/store/part-files.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { dayOf, detailRow, instantOf, row, storeRows } from '../io/store/stored-rows.ts';
import { keepCountedOf as keep, OURS, viewOf } from './counted-rows.ts';

/* What was counted is kept beside the rows. Here from the first row on: that it takes long enough is tested in count-ahead. */

const scratch = mkdtempSync(join(tmpdir(), 'postern-counted-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let stores = 0;

function newStore(): string {
  stores += 1;
  return join(scratch, `data-${stores}`);
}

const files = (data: string) => globSync('counted/*/*', { cwd: data }).sort();
const sessions = ({ daily }: Pick<ReportsView, 'daily'>) =>
  [...daily].map(({ domain, day, successful, failed }) => [domain, day, successful, failed]);

/** Makes a kept file of figures that no row says, with a name that fits: what is taken from it shows. */
function falsify(data: string, file: string): void {
  const read = figuresOfBytes(readFileSync(join(data, file)));
  assert.ok(read !== null);
  const { figures, of, counted } = read;
  const daily = { ...figures.daily, successful: figures.daily.successful.map(() => 4711) };
  const bytes = bytesOfFigures({ ...figures, daily }, { of, counted });
  rmSync(join(data, file));
  writeFileSync(join(data, file, '..', `${of}-${sha256Of(bytes).slice(0, 32)}.counted`), bytes);
}

const anyRow: fc.Arbitrary<ReportRow> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    copy: fc.constantFrom('1', '1', '2'),
    day: fc.constantFrom('2026-10-05', '2026-10-06', '2026-11-18').map(dayOf),
    received_at: fc.constantFrom('2026-11-19T03:00:00Z', '2026-11-20T03:00:00Z').map(instantOf),
    reporter: fc.constantFrom('r.example', 's.example'),
    organization_name: fc.constantFrom('R', 'r', null),
    dkim: fc.constantFrom('pass', 'pass', 'none'),
    policy_type: fc.constantFrom('sts', 'sts', 'tlsa', 'no-policy-found'),
    policy_domain: fc.constantFrom('example.com', 'example.com', 'example.net', 'sub.example.com', 'mx.other.example'),
    report_domain: fc.constantFrom('example.com', 'example.net', 'third.example'),
    policy_string: fc.constantFrom(['version: STSv1', 'mode: testing'], ['version: STSv1', 'mode: enforce'], null),
    successful_sessions: fc.constantFrom(0, 7, 2 ** 40, null),
    failed_sessions: fc.constantFrom(0, 3, null),
    failing: fc.boolean(),
    warnings: fc.constantFrom([], ['alias:policy-string'], ['num-string:total', 'gzip-rest:x']),
  })
  .map(({ id, copy, failing, ...fields }) =>
    row({
      id,
      ...fields,
      // Copies of a report tell of the same day and domain, under the same name.
      report_key: `${id} ${fields.day} ${fields.reporter} ${fields.policy_domain}`,
      report_sha256: `${id} ${fields.day} ${fields.reporter} ${fields.policy_domain} ${copy}`,
      failure_details: failing ? [detailRow('certificate-expired', { failure_reason_code: id })] : [],
    } as Parameters<typeof row>[0]),
  );

test('figures from files equal figures from rows: of several files, with other domains, and when rows came since', async () => {
  const run = fc.array(anyRow, { minLength: 1, maxLength: 12 });
  const others = fc.subarray(['example.com', 'example.net', 'third.example', 'other.example', 'com', 'new.example'], {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 3 }), run, others, async (runs, more, asked) => {
      const data = newStore();
      for (const rows of runs) await storeRows(data, rows);
      await keep(data);
      assert.ok(files(data).length > 0);
      assert.deepEqual(await viewOf(data), await viewOf(data, { fromRows: true }));
      assert.deepEqual(await viewOf(data, { domains: asked }), await viewOf(data, { domains: asked, fromRows: true }));
      await storeRows(data, more);
      assert.deepEqual(await viewOf(data), await viewOf(data, { fromRows: true }));
      rmSync(data, { recursive: true });
    }),
    { numRuns: 4 },
  );
});

test('the same rows make the same bytes, wherever they stand and whoever was asked of besides', async () => {
  const rows = Array.from({ length: 300 }, (_, index) =>
    row({
      id: `r${index % 100}`,
      report_key: `k${index % 100}`,
      reporter: `r${index % 7}.example`,
      policy_domain: OURS[index % 2] as DomainName,
      organization_name: `R ${index % 3}`,
      policy_index: Math.floor(index / 100),
      policy_string: ['version: STSv1', `max_age: ${index % 5}`],
      failed_sessions: index % 2,
      failure_details: [detailRow('validation-failure', { failure_reason_code: `${index}` })],
    }),
  );
  const [one, two] = [newStore(), newStore()];
  for (const data of [one, two]) await storeRows(data, rows);
  await keep(one);
  await keep(two, [...OURS, 'z.example', 'a.example'] as DomainName[]);
  assert.equal(files(one).length, 1);
  assert.deepEqual(files(two), files(one));
  for (const file of files(one)) assert.deepEqual(readFileSync(join(two, file)), readFileSync(join(one, file)));
  const times = files(one).map((file) => readFileSync(join(one, file)));
  assert.deepEqual(await keep(one), []);
  assert.deepEqual(
    files(one).map((file) => readFileSync(join(one, file))),
    times,
  );
});

test('what was counted is taken from its file, and never by who counts from rows', async () => {
  const data = newStore();
  await storeRows(data, [row()]);
  await keep(data);
  falsify(data, files(data)[0] ?? '');
  assert.deepEqual(sessions(await viewOf(data)), [['example.com', '2026-11-18', 4711, 0]]);
  assert.deepEqual(sessions(await viewOf(data, { domains: ['example.com', 'new.example'] })), [
    ['example.com', '2026-11-18', 4711, 0],
  ]);
  assert.deepEqual(sessions(await viewOf(data, { fromRows: true })), [['example.com', '2026-11-18', 10, 0]]);
  await storeRows(data, [row({ id: 'b', reporter: 's.example' })]);
  assert.deepEqual(sessions(await viewOf(data)), [['example.com', '2026-11-18', 20, 0]]);
  await keep(data);
  assert.equal(files(data).length, 1, 'what was counted of other files goes');
});

test('what tomorrow asks for is kept beside what today does: the window moves on before the first reports of a day come', async () => {
  const data = newStore();
  const rows = ['2026-10-05', '2026-10-06'].map(dayOf).map((day) => row({ id: day, day }));
  await storeRows(data, rows);
  const windows = [
    { domains: OURS, from: dayOf('2026-10-05'), now: instantOf('2026-11-21T23:00:00Z') },
    { domains: OURS, from: dayOf('2026-10-06'), now: instantOf('2026-11-22T00:17:00Z') },
  ];
  const store = await openReportStore(data, { keptFrom: 1 });
  await store.keep(windows);
  await store.close();
  assert.equal(files(data).length, 2);
  for (const file of files(data)) falsify(data, file);
  const seen: unknown[] = [];
  for (const query of windows) {
    const again = await openReportStore(data, { keptFrom: 1 });
    seen.push([...(await again.view(query)).daily].map(({ day, successful }) => [day, successful]));
    await again.close();
  }
  const [first, second] = rows.map(({ day }) => [day, 4711]);
  assert.deepEqual(seen, [[first, second], [second]]);
});

test('a damaged file is told, counted anew, and replaced by the next run that writes', async () => {
  const whole = newStore();
  await storeRows(whole, [row()]);
  await keep(whole);
  const [file = ''] = files(whole);
  const bytes = readFileSync(join(whole, file));
  const [of = ''] = basename(file).split('-');
  const renamed = (body: Uint8Array) => join(whole, file, '..', `${of}-${sha256Of(body).slice(0, 32)}.counted`);
  const other = newStore();
  await storeRows(other, [row({ id: 'other' })]);
  await keep(other);
  const foreign = readFileSync(join(other, files(other)[0] ?? ''));
  const damages: Readonly<Record<string, (data: string) => void>> = {
    'a byte more': (data) => appendFileSync(join(data, file), 'x'),
    'cut off': (data) => writeFileSync(join(data, file), bytes.subarray(0, 40)),
    empty: (data) => writeFileSync(join(data, file), ''),
    'of other rows, under its name': (data) => writeFileSync(join(data, file), foreign),
    'of other rows, under a name that fits their bytes': (data) => {
      rmSync(join(data, file));
      writeFileSync(renamed(foreign).replace(whole, data), foreign);
    },
    'no figures, under a name that fits': (data) => {
      rmSync(join(data, file));
      writeFileSync(renamed(Buffer.from('{}')).replace(whole, data), '{}');
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const data = newStore();
    cpSync(whole, data, { recursive: true });
    damage(data);
    const [damaged = ''] = files(data);
    const view = await viewOf(data);
    assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 10, 0]], name);
    assert.deepEqual(view.recounted, [damaged], name);
    assert.deepEqual(await keep(data), [damaged], name);
    assert.deepEqual(files(data), [file], name);
    assert.deepEqual(readFileSync(join(data, file)), bytes, name);
    assert.deepEqual((await viewOf(data)).recounted, [], name);
  }
});

test('figures of another version, of a run that was cut off, or of a file that is gone are not looked at, and go', async () => {
  const data = newStore();
  await storeRows(data, [row()]);
  await keep(data);
  const [file = ''] = files(data);
  const folder = join(data, file, '..');
  const parts = listParts(data);
  assert.notEqual(countedName(parts, 'other words'), basename(file).split('-')[0]);
  renameSync(join(data, file), join(folder, `${'0'.repeat(32)}-${basename(file).split('-')[1]}`));
  writeFileSync(join(folder, 'x.counted.tmp'), 'begun');
  mkdirSync(join(data, 'counted/month=2026-01'));
  writeFileSync(join(data, 'counted/month=2026-01/old.counted'), 'old');
  const view = await viewOf(data);
  assert.deepEqual([sessions(view), view.recounted], [[['example.com', '2026-11-18', 10, 0]], []]);
  await keep(data);
  assert.deepEqual(globSync('counted/**', { cwd: data }).sort(), ['counted', 'counted/month=2026-11', file]);
});

test('of a file that somebody else named nothing is kept, nor of what is received later', async () => {
  const data = newStore();
  await storeRows(data, [row()]);
  const [part] = listParts(data);
  renameSync(part?.path ?? '', join(part?.path ?? '', '../theirs.parquet'));
  await keep(data);
  assert.deepEqual(files(data), []);
  const later = newStore();
  await storeRows(later, [row({ received_at: instantOf('2026-11-22T00:00:00Z') }), row({ id: 'b' })]);
  await keep(later);
  assert.deepEqual(files(later), []);
});
