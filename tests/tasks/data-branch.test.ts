import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { bundleData, lookAtData, mountData, restoreData, saveData, squashData } from '#scripts/tasks/data-branch.ts';
import { row } from '../io/store/stored-rows.ts';
import { countedIn, keepCountedOf, storeCounted, viewOf } from './counted-rows.ts';

const now = '2026-11-21T06:00:00Z' as Instant;

suite('the data branch, with real git and a bare repository', () => {
  let folder: string;
  let remote: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-data-'));
    remote = join(folder, 'remote.git');
    git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
    const first = join(folder, 'first');
    git(folder, 'init', '--quiet', '--initial-branch=main', first);
    write(first, 'data/README.md', 'belongs to main\n');
    git(first, 'add', '--all');
    git(first, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'first');
    git(first, 'push', '--quiet', remote, 'main');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function git(root: string, ...words: string[]): string {
    return execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  function write(root: string, path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  /** A fresh checkout, as a run gets one. */
  function checkout(name: string) {
    const root = join(folder, name);
    git(folder, 'clone', '--quiet', '--depth=1', `file://${remote}`, root);
    const options = { root, data: join(root, 'data'), now };
    return {
      root,
      mount: () => mountData(options),
      save: () => saveData({ ...options, message: name }),
      squash: () => squashData(options),
      restore: (bundle: string | null = null) => restoreData({ ...options, bundle }),
      bundle: (file: string) => bundleData({ ...options, file }),
      look: () => lookAtData(options),
      write: (path: string, text: string) => write(root, `data/${path}`, text),
      read: (path: string) => readFileSync(join(root, 'data', path), 'utf8'),
      has: (path: string) => existsSync(join(root, 'data', path)),
      files: () => git(remote, 'ls-tree', '-r', '--name-only', 'data').trim().split('\n'),
    };
  }

  test('the first save makes the branch; main, its index and what belongs to it stay as they were', async () => {
    const run = checkout('run');
    assert.deepEqual(await run.mount(), { done: 'created', commit: null });
    run.write('reports/month=2026-11/part-a.parquet', 'rows');
    run.write('inbox/new.eml', 'mail');
    run.write('.writing', '123');
    assert.equal((await run.save()).done, 'saved');
    assert.deepEqual(run.files(), ['reports/month=2026-11/part-a.parquet']);
    assert.equal(git(run.root, 'status', '--porcelain', '--untracked-files=no'), '');
    assert.equal(run.read('README.md'), 'belongs to main\n');
  });

  test('nothing changed: no commit', async () => {
    const first = checkout('first-run');
    await first.mount();
    assert.deepEqual(await first.save(), { done: 'unchanged', commit: null });
    assert.equal(git(remote, 'branch', '--list', 'data'), '');
    const run = checkout('run');
    await run.mount();
    run.write('checkpoint.json', '{}\n');
    const { commit } = await run.save();
    assert.deepEqual(await run.save(), { done: 'unchanged', commit });
    assert.equal((await run.look()).done, 'unchanged');
    run.write('checkpoint.json', '{"a":1}\n');
    assert.equal((await run.look()).done, 'differs');
  });

  test('two runs at once: both are kept, in the branch and in the folder of the later one', async () => {
    const start = checkout('start');
    await start.mount();
    start.write('policies/example.com.jsonl', '1\n');
    start.write('observations/old-1.parquet', 'o');
    start.write('checkpoint.json', '{"mailbox":1,"tasks":{}}\n');
    await start.save();

    const [one, two] = [checkout('one'), checkout('two')];
    await one.mount();
    await two.mount();
    one.write('policies/example.com.jsonl', '1\n2\n');
    one.write('checkpoint.json', '{"mailbox":2,"tasks":{}}\n');
    rmSync(join(one.root, 'data', 'observations'), { recursive: true });
    two.write('policies/example.com.jsonl', '1\n3\n');
    two.write('checkpoint.json', '{"alerts":7,"mailbox":1,"tasks":{}}\n');
    two.write('reports/b.parquet', 'b');
    assert.equal((await one.save()).done, 'saved');
    assert.equal((await two.save()).done, 'saved');

    assert.equal(two.read('policies/example.com.jsonl'), '1\n2\n3\n');
    assert.deepEqual(JSON.parse(two.read('checkpoint.json')), { alerts: 7, mailbox: 2, tasks: {} });
    assert.equal(two.has('observations/old-1.parquet'), false);
    const later = checkout('later');
    await later.mount();
    for (const path of ['policies/example.com.jsonl', 'checkpoint.json', 'reports/b.parquet'])
      assert.equal(later.read(path), two.read(path));
    assert.deepEqual(later.files(), ['checkpoint.json', 'policies/example.com.jsonl', 'reports/b.parquet']);
  });

  test('squash: one commit, the same files, and a run that began before it loses nothing', async () => {
    const run = checkout('run');
    await run.mount();
    for (const n of [1, 2, 3]) {
      run.write(`reports/${n}.parquet`, String(n));
      await run.save();
    }
    const late = checkout('late');
    await late.mount();
    late.write('reports/late.parquet', 'late');
    const before = run.files();
    assert.equal((await run.squash()).done, 'squashed');
    assert.equal(git(remote, 'rev-list', '--count', 'data').trim(), '1');
    assert.match(git(remote, 'log', '-1', '--format=%B', 'data'), /^Replaces: [0-9a-f]{40}$/m);
    assert.deepEqual(run.files(), before);
    await late.save();
    assert.deepEqual(run.files(), [...before, 'reports/late.parquet'].sort());
  });

  test('a branch that was deleted stands again from what a checkout saw, or from a bundle', async () => {
    const run = checkout('run');
    await run.mount();
    run.write('months/2026-10/manifest.json', 'm');
    await run.save();
    const bundle = join(folder, 'data.bundle');
    await run.bundle(bundle);
    await assert.rejects(run.restore(), { code: 'data-branch-there', exit: 2 });

    git(remote, 'update-ref', '-d', 'refs/heads/data');
    assert.equal((await run.restore()).done, 'restored');
    assert.deepEqual(run.files(), ['months/2026-10/manifest.json']);

    git(remote, 'update-ref', '-d', 'refs/heads/data');
    const elsewhere = checkout('elsewhere');
    await assert.rejects(elsewhere.restore(), { code: 'data-branch-unknown', exit: 2 });
    await elsewhere.restore(bundle);
    assert.equal(elsewhere.read('months/2026-10/manifest.json'), 'm');
  });

  test('a run between the loss and the restoring has begun a new branch: what both hold is kept', async () => {
    const run = checkout('run');
    await run.mount();
    run.write('months/2026-10/manifest.json', 'm');
    run.write('policies/example.com.jsonl', '{"version":1}\n');
    run.write('checkpoint.json', JSON.stringify({ mailbox: { uid: 7 }, tasks: { ingest: { last_attempt: '1' } } }));
    await run.save();
    const bundle = join(folder, 'data.bundle');
    await run.bundle(bundle);
    git(remote, 'update-ref', '-d', 'refs/heads/data');

    const hourly = checkout('hourly');
    await hourly.mount();
    hourly.write('observations/new.parquet', 'o');
    hourly.write('policies/example.com.jsonl', '{"version":2}\n');
    hourly.write('checkpoint.json', JSON.stringify({ tasks: { probe: { last_attempt: '2' } } }));
    await hourly.save();

    const person = checkout('person');
    assert.equal((await person.restore(bundle)).done, 'restored');
    const files = [
      'checkpoint.json',
      'months/2026-10/manifest.json',
      'observations/new.parquet',
      'policies/example.com.jsonl',
    ];
    assert.deepEqual(person.files(), files);
    assert.equal(person.read('policies/example.com.jsonl'), '{"version":1}\n{"version":2}\n');
    const { mailbox, tasks } = JSON.parse(person.read('checkpoint.json'));
    assert.deepEqual([mailbox, Object.keys(tasks)], [{ uid: 7 }, ['ingest', 'probe']]);
    await hourly.mount();
    assert.deepEqual(hourly.files(), files);
    // Twice is once.
    await assert.rejects(person.restore(bundle), { code: 'data-branch-there', exit: 2 });
    // A history that was made short is still the same data.
    await run.mount();
    await run.squash();
    const stranger = checkout('stranger');
    await assert.rejects(stranger.restore(bundle), { code: 'data-branch-there', exit: 2 });
  });

  test('a run that fetched only the newest commit writes a bundle that can be restored anywhere', async () => {
    const first = checkout('first-run');
    await first.mount();
    for (const n of [1, 2, 3]) {
      first.write(`reports/${n}.parquet`, String(n));
      await first.save();
    }
    const later = checkout('later-run');
    await later.mount();
    const bundle = join(folder, 'evidence', 'data.bundle');
    await later.bundle(bundle);
    git(remote, 'update-ref', '-d', 'refs/heads/data');
    const elsewhere = checkout('elsewhere');
    await elsewhere.restore(bundle);
    assert.deepEqual(elsewhere.files(), ['reports/1.parquet', 'reports/2.parquet', 'reports/3.parquet']);
    assert.equal(git(remote, 'rev-list', '--count', 'data').trim(), '3');
  });

  test('a push that fails leaves the folder for the next run, and says why', async () => {
    const run = checkout('run');
    await run.mount();
    run.write('reports/a.parquet', 'a');
    const hook = join(remote, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "no space" >&2\nexit 1\n', { mode: 0o755 });
    await assert.rejects(run.save(), { code: 'data-branch', exit: 3 });
    rmSync(hook);
    assert.equal((await run.save()).done, 'saved');
    assert.deepEqual(readdirSync(join(run.root, 'data', 'reports')), ['a.parquet']);
  });

  test('outside a repository it says so', async () => {
    const options = { root: folder, data: join(folder, 'data'), now };
    await assert.rejects(mountData(options), { code: 'not-a-repository', exit: 2 });
  });

  test('what was counted travels with the rows, also through a squash; of what two runs stored it is counted anew', async () => {
    const at = (run: { readonly root: string }) => join(run.root, 'data');
    const [one, two] = [checkout('one'), checkout('two')];
    for (const run of [one, two]) await run.mount();
    await storeCounted(at(one), [row()]);
    await one.save();
    const clone = checkout('clone');
    await clone.mount();
    assert.equal(countedIn(at(clone)).length, 1);
    assert.deepEqual(countedIn(at(clone)), countedIn(at(one)));
    assert.deepEqual(await viewOf(at(clone)), await viewOf(at(clone), { fromRows: true }));
    // Both are there, and neither is of all rows.
    await storeCounted(at(two), [row({ id: 'b', reporter: 's.example' })]);
    await two.save();
    assert.equal(countedIn(at(two)).length, 2);
    const view = await viewOf(at(two));
    assert.deepEqual(view, await viewOf(at(two), { fromRows: true }));
    assert.deepEqual([view.daily[0]?.successful, view.recounted], [20, []]);
    await keepCountedOf(at(two));
    assert.equal(countedIn(at(two)).length, 1);
    await two.save();
    await two.squash();
    const later = checkout('later');
    await later.mount();
    assert.deepEqual(countedIn(at(later)), countedIn(at(two)));
    assert.deepEqual(await viewOf(at(later)), view);
  });
});
