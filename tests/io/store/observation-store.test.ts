import assert from 'node:assert/strict';
import {
  appendFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { Standing } from '#scripts/core/probe/standing.ts';
import { OBSERVATION_COLUMNS, OBSERVATION_TYPES } from '#scripts/io/store/observation-columns.ts';
import { type ObservationStore, openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { instant, observation } from './observation-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-observations-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let stores = 0;
function newStore(): string {
  stores += 1;
  return join(scratch, `data-${stores}`);
}

async function using<T>(data: string, work: (store: ObservationStore) => Promise<T>): Promise<T> {
  const store = await openObservationStore(data);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const ALL = { from: instant('2026-01-01T00:00:00Z'), to: instant('2026-12-31T23:59:59Z') };
const append = (data: string, rows: readonly Observation[]) => using(data, (store) => store.append(rows));
const read = (data: string, to = ALL.to) =>
  using(data, (store) => store.read({ domains: ['example.com'], from: ALL.from, to }));
const partsOf = (data: string) =>
  globSync('observations/**/*', { cwd: data, withFileTypes: true })
    .filter((e) => e.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(data.length + 1))
    .sort();
const bytesOf = (data: string) =>
  partsOf(data).map((file) => [file, readFileSync(join(data, file)).toString('base64')]);
const bad = (at: string, code: string, changes: Partial<Observation> = {}) =>
  observation(at, { outcome: 'bad', code, ...changes });
const unknown = (at: string, code: string) => observation(at, { outcome: 'unknown', code, facts: {} });

test('one file for each month, whose rows have the documented columns in order', async () => {
  const data = newStore();
  assert.equal(await append(data, [observation('2026-10-31T23:59:59Z'), observation('2026-11-01T00:00:00Z')]), 2);
  assert.deepEqual(
    partsOf(data).map((file) => file.replace(/part-[0-9a-f]{32}/, 'part-*')),
    ['observations/month=2026-10/part-*.parquet', 'observations/month=2026-11/part-*.parquet'],
  );
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const described = await connection.runAndReadAll(
    `DESCRIBE FROM read_parquet('${data}/observations/*/*.parquet', hive_partitioning = false)`,
  );
  assert.deepEqual(
    described.getRowObjectsJson().map(({ column_name, column_type }) => [column_name, column_type]),
    OBSERVATION_COLUMNS.map((name) => [name, OBSERVATION_TYPES[name]]),
  );
  connection.closeSync();
});

test('the same rows make the same bytes in whatever order they come, and storing them again changes nothing', async () => {
  const rows = Array.from({ length: 300 }, (_, index) =>
    observation(`2026-1${index % 2}-0${1 + (index % 9)}T00:00:00Z`, {
      address: `192.0.2.${index % 250}`,
      facts: { index },
    }),
  );
  const [one, other] = [newStore(), newStore()];
  await append(one, rows);
  await append(other, rows.toReversed());
  assert.deepEqual(bytesOf(other), bytesOf(one));
  assert.equal(await append(other, rows.slice(10, 200)), 0);
  assert.deepEqual(bytesOf(other), bytesOf(one));
  assert.equal(await append(other, [...rows.slice(0, 5), observation('2026-11-30T00:00:00Z')]), 1);
});

test('any text and any JSON comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.jsonValue(), async (subject, value) => {
      const data = newStore();
      const row = observation('2026-11-01T00:00:00Z', { subject, domain: 'example.com', facts: { value } });
      await append(data, [row]);
      const [standing] = await read(data);
      assert.equal(standing?.subject, subject);
      assert.deepEqual(standing?.facts, JSON.parse(JSON.stringify({ value })));
    }),
    { numRuns: 10 },
  );
});

test('a long file is written in groups of rows that fit the memory, and read whole', async () => {
  const data = newStore();
  const rows = Array.from({ length: 40_000 }, (_, index) =>
    observation('2026-11-01T00:00:00Z', { subject: `mx${index}.example.com`, facts: { index } }),
  );
  await append(data, rows);
  const [file = ''] = partsOf(data);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const groups = await connection.runAndReadAll(
    `SELECT DISTINCT row_group_id, row_group_num_rows::INTEGER FROM parquet_metadata('${join(data, file)}') ORDER BY ALL`,
  );
  connection.closeSync();
  const sizes = groups.getRows().map(([, size]) => Number(size));
  assert.ok(sizes.length > 1 && Math.max(...sizes) <= 2 ** 15, String(sizes));
  const read = await using(data, (store) => store.read({ domains: ['example.com'], ...ALL }));
  assert.deepEqual(
    read.map(({ subject, facts: { index } }) => [subject, index]).sort(),
    rows.map(({ subject, facts: { index } }) => [subject, index]).sort(),
  );
});

test('nulls stay null, and rows without a domain are given with every domain', async () => {
  const data = newStore();
  const vantage = observation('2026-11-01T00:00:00Z', {
    domain: null,
    kind: 'vantage',
    subject: 'home',
    address: null,
  });
  const elsewhere = observation('2026-11-01T00:00:00Z', { domain: 'example.net' });
  await append(data, [vantage, elsewhere]);
  assert.deepEqual(
    (await read(data)).map(({ domain, address }) => [domain, address]),
    [[null, null]],
  );
});

function facts(standings: readonly Standing[]): readonly unknown[] {
  return standings
    .map(({ code, since, at, looks, last_look, cleared }) => [
      code,
      since.slice(8, 13),
      at.slice(8, 13),
      looks,
      last_look.slice(8, 13),
      cleared === null ? null : [cleared.looks, cleared.first.slice(8, 13), cleared.last.slice(8, 13)],
    ])
    .sort();
}

test('a fault stands since the look after the last sound one; an unknown look breaks no run', async () => {
  const data = newStore();
  await append(data, [
    bad('2026-11-01T00:00:00Z', 'mx-cert-expired'),
    observation('2026-11-01T06:00:00Z'),
    bad('2026-11-02T00:00:00Z', 'mx-cert-expired'),
    unknown('2026-11-02T06:00:00Z', 'connect-timeout'),
    bad('2026-11-03T00:00:00Z', 'mx-cert-expired'),
    bad('2026-11-03T00:00:00Z', 'mx-cert-name'),
  ]);
  assert.deepEqual(facts(await read(data)), [
    ['connect-timeout', '02T06', '02T06', 1, '03T00', [1, '03T00', '03T00']],
    ['mx-cert-expired', '02T00', '03T00', 2, '03T00', null],
    ['mx-cert-name', '03T00', '03T00', 1, '03T00', null],
    ['ok', '01T06', '01T06', 1, '03T00', [2, '02T00', '03T00']],
  ]);
});

test('what was mended is told with the looks that no longer saw it; blind looks are none', async () => {
  const data = newStore();
  await append(data, [
    bad('2026-11-01T00:00:00Z', 'mx-cert-expired'),
    bad('2026-11-01T00:00:00Z', 'mx-cert-name'),
    bad('2026-11-01T01:00:00Z', 'mx-cert-name'),
    unknown('2026-11-01T02:00:00Z', 'connect-timeout'),
    observation('2026-11-01T03:00:00Z'),
    observation('2026-11-01T04:00:00Z'),
  ]);
  assert.deepEqual(facts(await read(data)), [
    ['connect-timeout', '01T02', '01T02', 1, '01T04', [2, '01T03', '01T04']],
    ['mx-cert-expired', '01T00', '01T00', 1, '01T04', [3, '01T01', '01T04']],
    ['mx-cert-name', '01T00', '01T01', 2, '01T04', [2, '01T03', '01T04']],
    ['ok', '01T03', '01T04', 2, '01T04', null],
  ]);
});

test('vantages and addresses are told apart, and nothing after `to` is known', async () => {
  const data = newStore();
  await append(data, [observation('2026-11-01T00:00:00Z'), observation('2026-11-01T00:00:00Z', { vantage: 'away' })]);
  await append(data, [
    bad('2026-11-02T00:00:00Z', 'mx-tls-old'),
    observation('2026-11-02T00:00:00Z', { address: '2001:db8::1' }),
  ]);
  const seen = (standings: readonly Standing[]) =>
    standings
      .filter(({ at, last_look }) => at === last_look)
      .map(({ vantage, address, code }) => `${vantage} ${address} ${code}`)
      .sort();
  assert.deepEqual(seen(await read(data)), ['away 192.0.2.1 ok', 'home 192.0.2.1 mx-tls-old', 'home 2001:db8::1 ok']);
  assert.deepEqual(seen(await read(data, instant('2026-11-01T12:00:00Z'))), ['away 192.0.2.1 ok', 'home 192.0.2.1 ok']);
});

test('history folds looks that saw the same, and a renewed certificate starts a new span', async () => {
  const data = newStore();
  const renewed = { facts: { certificate: { serial: '02' } } };
  await append(data, [
    observation('2026-10-30T00:00:00Z'),
    observation('2026-11-01T00:00:00Z'),
    observation('2026-11-02T00:00:00Z', renewed),
    observation('2026-11-03T00:00:00Z', renewed),
    observation('2026-11-04T00:00:00Z'),
  ]);
  const spans = await using(data, (store) => store.history({ domains: ['example.com'], ...ALL }));
  assert.deepEqual(
    spans.map(({ first, at, looks, facts: { certificate } }) => [
      first.slice(5, 10),
      at.slice(5, 10),
      looks,
      certificate,
    ]),
    [
      ['10-30', '11-01', 2, { serial: '01' }],
      ['11-02', '11-03', 2, { serial: '02' }],
      ['11-04', '11-04', 1, { serial: '01' }],
    ],
  );
});

test('tidying makes one file of a closed month, keeps what it says, and is done once', async () => {
  const data = newStore();
  for (const day of ['09-01', '10-01', '10-02', '10-03', '11-01', '11-02'])
    await append(data, [observation(`2026-${day}T00:00:00Z`)]);
  const before = await read(data);
  const tidy = () => using(data, (store) => store.tidy({ now: instant('2026-11-20T00:00:00Z'), detail_days: 400 }));
  assert.deepEqual(await tidy(), ['2026-10']);
  assert.deepEqual(
    partsOf(data).map((file) => file.slice(13, 26)),
    ['month=2026-09', 'month=2026-10', 'month=2026-11', 'month=2026-11'],
  );
  const bytes = bytesOf(data);
  assert.deepEqual(await tidy(), []);
  assert.deepEqual(bytesOf(data), bytes);
  assert.deepEqual(await read(data), before);
});

test('months that ended before the retention go', async () => {
  const data = newStore();
  for (const day of ['07-31', '08-20', '09-01']) await append(data, [observation(`2026-${day}T00:00:00Z`)]);
  const tidied = await using(data, (store) => store.tidy({ now: instant('2026-11-21T00:00:00Z'), detail_days: 90 }));
  assert.deepEqual(tidied, ['2026-07']);
  assert.deepEqual(
    partsOf(data).map((file) => file.slice(13, 26)),
    ['month=2026-08', 'month=2026-09'],
  );
});

test('a merge that was cut off after it was decided counts nothing twice, and the next write finishes it', async () => {
  const [data, merged] = [newStore(), newStore()];
  const rows = [observation('2026-10-01T00:00:00Z'), observation('2026-10-02T00:00:00Z')];
  for (const row of rows) await append(data, [row]);
  await append(merged, rows);
  // What stands on the disk when the power fails right after the rename that decides.
  const old = partsOf(data).map((file) => file.split('/').at(-1) ?? '');
  const [whole = ''] = partsOf(merged);
  const committed = join(data, 'observations/.committed', whole.slice('observations/'.length));
  mkdirSync(dirname(committed), { recursive: true });
  renameSync(join(merged, whole), committed);
  writeFileSync(`${committed}.replaces`, old.join('\n'));
  assert.deepEqual(facts(await read(data)), [['ok', '01T00', '02T00', 2, '02T00', null]]);
  await append(data, [observation('2026-10-03T00:00:00Z')]);
  assert.deepEqual(facts(await read(data)), [['ok', '01T00', '03T00', 3, '03T00', null]]);
  assert.equal(partsOf(data).length, 2);
  assert.ok(partsOf(data).includes(whole));
});

test('a damaged file is told, and the rest is read', async () => {
  const data = newStore();
  await append(data, [observation('2026-10-01T00:00:00Z')]);
  const [damaged = ''] = partsOf(data);
  await append(data, [observation('2026-11-01T00:00:00Z')]);
  appendFileSync(join(data, damaged), 'x');
  await using(data, async (store) => {
    assert.deepEqual(
      store.unreadable.map(({ file }) => file),
      [damaged],
    );
    assert.equal((await store.read({ domains: ['example.com'], ...ALL })).length, 1);
    assert.deepEqual(await store.tidy({ now: instant('2026-12-20T00:00:00Z'), detail_days: 400 }), []);
  });
  assert.equal(partsOf(data).length, 2);
});
