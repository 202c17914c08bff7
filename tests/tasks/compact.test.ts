import assert from 'node:assert/strict';
import { appendFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { compact } from '#scripts/tasks/compact.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { dayOf, detailRow, instantOf, row, storeRows } from '../io/store/stored-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-compact-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let worlds = 0;

function newRoot(retention = ''): string {
  worlds += 1;
  const root = join(scratch, `root-${worlds}`);
  mkdirSync(join(root, 'domains'), { recursive: true });
  writeFileSync(join(root, 'domains/_settings.yaml'), `organisation: Test\n${retention}`);
  writeFileSync(join(root, 'domains/example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\n');
  return root;
}

const compacted = (root: string, now: string, dryRun = false) =>
  compact({ root, data: join(root, 'data'), now: instantOf(now), dryRun, progress: () => {} });

const partsOf = (root: string, store = 'reports') =>
  globSync(`${store}/*/*.parquet`, { cwd: join(root, 'data') }).sort();

const bytesOf = (root: string) =>
  [...partsOf(root), ...partsOf(root, 'figures')].map((name) => [
    name,
    readFileSync(join(root, 'data', name)).toString('base64'),
  ]);

async function ask(root: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const of = (store: string) => `read_parquet('${root}/data/${store}/*/*.parquet', union_by_name = true)`;
  const result = await connection.runAndReadAll(sql.replace('ROWS', of('reports')).replace('FIGURES', of('figures')));
  connection.closeSync();
  return result.getRowObjectsJson();
}

async function viewOf(root: string) {
  const store = await openReportStore(join(root, 'data'));
  try {
    const domains = ['example.com', 'example.net'] as DomainName[];
    const view = await store.view({ domains, from: dayOf('2026-09-01'), now: instantOf('2026-11-21T06:00:00Z') });
    return { view: { ...view, daily: [...view.daily] }, unreadable: store.unreadable };
  } finally {
    await store.close();
  }
}

const october = (id: string, changes: Partial<ReportRow> = {}) =>
  row({ id, day: dayOf('2026-10-05'), received_at: instantOf('2026-10-06T03:00:00Z'), ...changes });

test('the files of a closed month become one, and every figure stays what it was', async () => {
  const root = newRoot();
  const data = join(root, 'data');
  await storeRows(data, [october('a', { failed_sessions: 2, failure_details: [detailRow('certificate-expired')] })]);
  await storeRows(data, [october('b', { reporter: 'other.example', report_key: 'b2' }), row({ id: 'november' })]);
  await storeRows(data, [row({ id: 'november-2' })]);
  const before = (await viewOf(root)).view;
  const result = await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(
    result.months.map(({ month, merged, derived, late_reports }) => [month, merged, derived, late_reports]),
    [['2026-10', true, true, 0]],
  );
  assert.deepEqual(
    partsOf(root).map((name) => name.slice(0, 21)),
    ['reports/month=2026-10', 'reports/month=2026-11', 'reports/month=2026-11'],
  );
  assert.deepEqual((await viewOf(root)).view, before);
  const once = bytesOf(root);
  assert.deepEqual((await compacted(root, '2026-11-21T07:00:00Z')).months, []);
  assert.deepEqual(bytesOf(root), once, 'nothing to do changes no byte');
});

test('the same rows make the same files, in whatever parts they came', async () => {
  const rows = ['a', 'b', 'c', 'd'].map((id, index) => october(id, { received_order: index + 1 }));
  const [one, other] = [newRoot(), newRoot()];
  for (const part of [rows.slice(0, 1), rows.slice(1)]) await storeRows(join(one, 'data'), part);
  for (const part of [rows.slice(2), rows.slice(0, 2).reverse()]) await storeRows(join(other, 'data'), part);
  for (const root of [one, other]) await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(bytesOf(one), bytesOf(other));
});

test('what comes after the close is added, and said to be late', async () => {
  const root = newRoot();
  await storeRows(join(root, 'data'), [october('a')]);
  await compacted(root, '2026-11-05T06:00:00Z');
  await storeRows(join(root, 'data'), [october('late', { received_at: instantOf('2026-11-20T03:00:00Z') })]);
  const result = await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(
    result.months.map(({ month, late_reports, merged }) => [month, late_reports, merged]),
    [['2026-10', 1, true]],
  );
  assert.equal(partsOf(root).length, 1);
  assert.deepEqual(await ask(root, 'SELECT sum(successful_sessions)::INTEGER AS n FROM FIGURES'), [{ n: 20 }]);
});

test('rows go to the day, their figures stay, and then those go to the day', async () => {
  const root = newRoot('retention: { detail_days: 31, aggregate_days: 366 }\n');
  const days = ['2026-10-20', '2026-10-21', '2026-10-22'];
  await storeRows(
    join(root, 'data'),
    days.map((day) => october(day, { day: dayOf(day) })),
  );
  const first = await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(
    first.months.map(({ rows_from, rows_deleted }) => [rows_from, rows_deleted]),
    [['2026-10-21', 1]],
  );
  const stored = 'SELECT day::VARCHAR AS day FROM ROWS ORDER BY day';
  assert.deepEqual(await ask(root, stored), [{ day: '2026-10-21' }, { day: '2026-10-22' }]);
  const figures = 'SELECT day::VARCHAR AS day FROM FIGURES ORDER BY day';
  assert.deepEqual(
    await ask(root, figures),
    days.map((day) => ({ day })),
  );
  await compacted(root, '2026-12-21T06:00:00Z');
  assert.deepEqual(partsOf(root), []);
  assert.deepEqual(
    await ask(root, figures),
    days.map((day) => ({ day })),
  );
  await compacted(root, '2027-10-22T06:00:00Z');
  assert.deepEqual(await ask(root, figures), [{ day: '2026-10-21' }, { day: '2026-10-22' }]);
});

test('a dry run says the same and touches nothing', async () => {
  const root = newRoot('retention: { detail_days: 31 }\n');
  await storeRows(join(root, 'data'), [october('a')]);
  const before = partsOf(root);
  const said = await compacted(root, '2026-11-21T06:00:00Z', true);
  assert.deepEqual(
    said.months.map(({ month, rows_from }) => [month, rows_from]),
    [['2026-10', '2026-10-21']],
  );
  assert.deepEqual([partsOf(root), partsOf(root, 'figures')], [before, []]);
});

test('a damaged file is named and stays; the rest of its month is put together', async () => {
  const root = newRoot();
  const data = join(root, 'data');
  await storeRows(data, [october('a')]);
  const [damaged = ''] = partsOf(root);
  appendFileSync(join(data, damaged), 'x');
  await storeRows(data, [october('b')]);
  await storeRows(data, [october('c')]);
  const result = await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(
    result.unreadable.map(({ file }) => file),
    [damaged],
  );
  assert.equal(partsOf(root).length, 2);
  assert.ok(partsOf(root).includes(damaged));
});

test('a file of schema version 1 is read, and put together with newer ones', async () => {
  const root = newRoot();
  const data = join(root, 'data');
  await storeRows(data, [october('a')]);
  const [part = ''] = partsOf(root);
  const old = join(data, 'reports/month=2026-10/from-another-tool.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * EXCLUDE (strict) REPLACE (1 AS schema_version, 'old' AS report_key) FROM '${join(data, part)}') TO '${old}'`,
  );
  connection.closeSync();
  const { view, unreadable } = await viewOf(root);
  assert.deepEqual(unreadable, []);
  assert.deepEqual(
    view.daily.map(({ successful }) => successful),
    [20],
  );
  rmSync(join(data, part));
  assert.deepEqual(
    (await viewOf(root)).view.daily.map(({ successful }) => successful),
    [10],
  );
  await storeRows(data, [october('b')]);
  await compacted(root, '2026-11-21T06:00:00Z');
  assert.deepEqual(await ask(root, 'SELECT schema_version AS version, strict FROM ROWS ORDER BY version'), [
    { version: 1, strict: null },
    { version: 2, strict: true },
  ]);
});

test('a file of a newer schema is named, not guessed at', async () => {
  const root = newRoot();
  await storeRows(join(root, 'data'), [october('a', { schema_version: 3 })]);
  const { view, unreadable } = await viewOf(root);
  assert.equal(view.daily.length, 0);
  assert.match(unreadable[0]?.message ?? '', /schema version 3/);
});

test('the daily figures add up to what the view counts, whatever is stored', async () => {
  const entry = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    day: fc.constantFrom('2026-10-05', '2026-10-06').map(dayOf),
    policy_type: fc.constantFrom('sts', 'tlsa', 'no-policy-found', 'other'),
    reporter: fc.constantFrom('r.example', 's.example'),
    policy_string: fc.constantFrom(['version: STSv1', 'mode: testing'], ['version: STSv1', 'mode: enforce'], null),
    successful_sessions: fc.option(fc.nat(50)),
    failed_sessions: fc.option(fc.nat(5)),
    failure_details: fc.array(
      fc
        .record({ type: fc.constantFrom('certificate-expired', 'other'), failed_sessions: fc.option(fc.nat(4)) })
        .map(({ type, failed_sessions }) => detailRow(type, { failed_sessions })),
      { maxLength: 2 },
    ),
    dkim: fc.constantFrom('pass', 'none'),
    received_at: fc.constantFrom('2026-10-07T03:00:00Z', '2026-10-08T03:00:00Z').map(instantOf),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
      const root = newRoot();
      const rows = entries.map((changes, index) =>
        row({
          ...changes,
          report_sha256: `sha-${index}`,
          source_sha256: `src-${index}`,
          received_order: index,
        } as Partial<ReportRow>),
      );
      await storeRows(join(root, 'data'), rows);
      const { view } = await viewOf(root);
      await compacted(root, '2026-11-21T06:00:00Z');
      const figures = await ask(
        root,
        `SELECT day::VARCHAR AS day, policy_type, sum(successful_sessions)::INTEGER AS successful, sum(failed_sessions)::INTEGER AS failed,
           sum(unknown_entries)::INTEGER AS unknown_entries, count(DISTINCT reporter)::INTEGER AS reporters
         FROM FIGURES GROUP BY day, policy_type ORDER BY day, policy_type`,
      );
      assert.deepEqual(
        figures,
        view.daily.map(({ domain: _, ...counted }) => counted),
      );
      const failures = await ask(
        root,
        `SELECT coalesce(sum(f.sessions), 0)::INTEGER AS n FROM (SELECT unnest(failures) AS f FROM FIGURES)`,
      );
      const detailed = view.failing.flatMap(({ details }) => details).reduce((sum, { sessions }) => sum + sessions, 0);
      assert.deepEqual(failures, [{ n: detailed }]);
    }),
    { numRuns: 12 },
  );
});
