import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import { lookAtStore, mountStore, saveStore } from '#scripts/tasks/data-store.ts';
import { type FakeStore, startFakeStore } from '../fakes/object-store.ts';
import { row } from '../io/store/stored-rows.ts';
import { countedIn, storeCounted, viewOf } from './counted-rows.ts';

const KEY = { id: 'AKID', secret: 'se/cr+et:with colon' };
const now = '2026-11-21T06:00:00Z' as Instant;

suite('data/ in an object store', () => {
  let folder: string;
  let store: FakeStore;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-store-'));
    store = await startFakeStore('acme', KEY);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A machine of its own. */
  function machine(
    name: string,
    environment: Record<string, string> = { POSTERN_DATA_KEY: `${KEY.id}:${KEY.secret}` },
  ) {
    const root = join(folder, name);
    const data = join(root, 'data');
    const options = { root, data, now, url: `s3://acme/postern?endpoint=${store.endpoint}`, environment };
    return {
      root,
      mount: async () => (await mountStore(options)).done,
      save: async () => (await saveStore(options)).done,
      look: () => lookAtStore(options).done,
      write: (path: string, text: string) => {
        mkdirSync(dirname(join(data, path)), { recursive: true });
        writeFileSync(join(data, path), text);
      },
      read: (path: string) => readFileSync(join(data, path), 'utf8'),
      has: (path: string) => existsSync(join(data, path)),
      remove: (path: string) => rmSync(join(data, path)),
    };
  }
  const inStore = () => [...store.objects.keys()].sort();
  const writes = () => store.requests.filter((line) => /^(PUT|DELETE)/.test(line));

  test('an empty bucket is filled by the first save: rows, then ledgers, then the checkpoint; another machine mounts the same', async () => {
    const one = machine('one');
    assert.equal(await one.mount(), 'created');
    for (const path of [
      'checkpoint.json',
      'policies/a.example.jsonl',
      'reports/month=2026-11/a.parquet',
      'README.md',
      'x.tmp',
    ])
      one.write(path, path.endsWith('json') ? '{"tasks":{}}\n' : `${path}\n`);
    for (let more = 0; more < 9; more += 1) one.write(`observations/month=2026-11/${more}.parquet`, `${more}`);
    assert.equal(one.look(), 'differs');
    assert.equal(await one.save(), 'saved');
    assert.equal(one.look(), 'unchanged');
    assert.equal(inStore().length, 12);
    assert.deepEqual(writes().slice(-2), [
      'PUT acme/postern/policies/a.example.jsonl 200',
      'PUT acme/postern/checkpoint.json 200',
    ]);

    const two = machine('two');
    assert.equal(await two.mount(), 'mounted');
    assert.deepEqual(
      [two.read('reports/month=2026-11/a.parquet'), two.has('README.md')],
      ['reports/month=2026-11/a.parquet\n', false],
    );
    assert.equal(await two.save(), 'unchanged');

    const before = store.requests.length;
    assert.equal(await two.mount(), 'mounted');
    assert.equal(
      store.requests.slice(before).filter((line) => line.includes('/postern/')).length,
      0,
      'nothing is read twice',
    );
  });

  test('two runs at once: both are kept', async () => {
    const [one, two] = [machine('one'), machine('two')];
    one.write('policies/a.example.jsonl', '{"n":0}\n');
    one.write('checkpoint.json', '{"mailbox":1,"tasks":{"probe":{"last_attempt":"2026-11-01"}}}\n');
    await one.save();
    await two.mount();
    one.write('policies/a.example.jsonl', '{"n":0}\n{"n":1}\n');
    one.write('checkpoint.json', '{"mailbox":2,"tasks":{"probe":{"last_attempt":"2026-11-01"}}}\n');
    one.write('reports/month=2026-11/one.parquet', 'one');
    two.write('policies/a.example.jsonl', '{"n":0}\n{"n":2}\n');
    two.write('checkpoint.json', '{"mailbox":1,"tasks":{"probe":{"last_attempt":"2026-11-02"}}}\n');
    two.write('reports/month=2026-11/two.parquet', 'two');
    await one.save();
    assert.equal(await two.save(), 'saved');
    const three = machine('three');
    await three.mount();
    for (const each of [two, three]) {
      assert.equal(each.read('policies/a.example.jsonl'), '{"n":0}\n{"n":1}\n{"n":2}\n');
      assert.deepEqual(JSON.parse(each.read('checkpoint.json')), {
        mailbox: 2,
        tasks: { probe: { last_attempt: '2026-11-02' } },
      });
    }
    assert.deepEqual(
      [three.read('reports/month=2026-11/one.parquet'), three.read('reports/month=2026-11/two.parquet')],
      ['one', 'two'],
    );
  });

  test('files that were joined go, here and there; a frozen month that two froze is the first one’s', async () => {
    const [one, two] = [machine('one'), machine('two')];
    one.write('reports/month=2026-10/a.parquet', 'a');
    one.write('reports/month=2026-10/b.parquet', 'b');
    await one.save();
    await two.mount();
    one.remove('reports/month=2026-10/a.parquet');
    one.remove('reports/month=2026-10/b.parquet');
    one.write('reports/month=2026-10/ab.parquet', 'ab');
    one.write('months/2026-10/manifest.json', 'first');
    await one.save();
    assert.deepEqual(inStore(), ['postern/months/2026-10/manifest.json', 'postern/reports/month=2026-10/ab.parquet']);
    two.write('months/2026-10/manifest.json', 'second');
    await two.save();
    assert.equal(two.read('months/2026-10/manifest.json'), 'first');
    await two.mount();
    assert.deepEqual(
      [two.has('reports/month=2026-10/a.parquet'), two.has('reports/month=2026-10/ab.parquet')],
      [false, true],
    );
  });

  for (const [what, fault] of [
    ['is slow', { status: 503 }],
    ['ends the connection before the write', { cut: 'before' }],
    ['ends the connection after the write', { cut: 'after' }],
  ] as const)
    test(`a store that ${what} is asked again, and each file is there once`, async () => {
      const one = machine('one');
      one.write('reports/month=2026-11/a.parquet', 'a');
      one.write('checkpoint.json', '{"tasks":{}}\n');
      store.fail('PUT acme/postern/reports', fault);
      store.fail('PUT acme/postern/checkpoint', fault);
      assert.equal(await one.save(), 'saved');
      assert.deepEqual(inStore(), ['postern/checkpoint.json', 'postern/reports/month=2026-11/a.parquet']);
      assert.equal(store.objects.get('postern/checkpoint.json')?.toString(), '{"tasks":{}}\n');
      assert.equal(await one.save(), 'unchanged');
    });

  test('an answer that is cut is read again, and never taken for the file', async () => {
    const [one, two] = [machine('one'), machine('two')];
    one.write('reports/month=2026-11/a.parquet', 'a'.repeat(100_000));
    await one.save();
    store.fail('GET acme/postern/reports', { cut: 'half' });
    await two.mount();
    assert.equal(two.read('reports/month=2026-11/a.parquet').length, 100_000);
  });

  test('an object that somebody joins while it is mounted: what stands then is mounted', async () => {
    const [one, two] = [machine('one'), machine('two')];
    one.write('reports/month=2026-10/a.parquet', 'a');
    await one.save();
    store.onRequest = (line) => {
      if (!line.startsWith('GET acme/postern/reports/month=2026-10/a')) return;
      store.objects.delete('postern/reports/month=2026-10/a.parquet');
      store.objects.set('postern/reports/month=2026-10/ab.parquet', Buffer.from('ab'));
    };
    assert.equal(await two.mount(), 'mounted');
    assert.deepEqual(
      [two.has('reports/month=2026-10/a.parquet'), two.has('reports/month=2026-10/ab.parquet')],
      [false, true],
    );
  });

  test('a bucket with names that lead elsewhere is not mounted at all', async () => {
    store.objects.set('postern/../../../outside', Buffer.from('x'));
    await assert.rejects(machine('one').mount(), { code: 'data-store-strange' });
    store.objects.clear();
    store.objects.set('other/reports/a', Buffer.from('x'));
    assert.equal(await machine('one').mount(), 'created');
  });

  test('a wrong key, none, and a bucket that is not there', async () => {
    const wrong = machine('wrong', { POSTERN_DATA_KEY: 'AKID:wrong' });
    await assert.rejects(wrong.mount(), (error) => {
      assert.ok(error instanceof PosternError && error.code === 'data-store-forbidden' && error.exit === 3);
      assert.doesNotMatch(`${error.message}${error.hint}`, /wrong/);
      return true;
    });
    const stranger = machine('stranger', {});
    stranger.write('policies/a.jsonl', 'x\n');
    assert.equal(await stranger.mount(), 'unreadable');
    assert.equal(stranger.read('policies/a.jsonl'), 'x\n');
    await assert.rejects(stranger.save(), { code: 'data-store-forbidden' });
    await assert.rejects(machine('one', { POSTERN_DATA_KEY: 'no-colon' }).mount(), { code: 'data-store-key', exit: 2 });
    const amazon = machine('amazon', { AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret });
    assert.equal(await amazon.mount(), 'created');
    store.fail('PUT', { status: 501, code: 'NotImplemented' });
    amazon.write('checkpoint.json', '{}');
    await assert.rejects(amazon.save(), { code: 'data-store-refused' });
  });

  test('what was counted travels with the rows and goes with them', async () => {
    const [one, two] = [machine('one'), machine('two')];
    const [here, there] = [join(one.root, 'data'), join(two.root, 'data')];
    await storeCounted(here, [row()]);
    await one.save();
    await two.mount();
    assert.equal(countedIn(there).length, 1);
    assert.deepEqual(countedIn(there), countedIn(here));
    assert.deepEqual(await viewOf(there), await viewOf(there, { fromRows: true }));
    await storeCounted(there, [row({ id: 'b', reporter: 's.example' })]);
    await two.save();
    await one.mount();
    assert.equal(countedIn(here).length, 1);
    assert.deepEqual(countedIn(here), countedIn(there));
    assert.equal(inStore().filter((path) => path.includes('/counted/')).length, 1);
  });
});
