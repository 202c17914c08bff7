import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { changesSince, upgradeBody } from '#scripts/core/upgrade/pull-request-text.ts';
import { upgrade } from '#scripts/tasks/upgrade.ts';
import { commitFiles } from '../fakes/github/world.ts';
import { fakeWithRepository } from '../io/github/connection.ts';

suite('an upgrade, with real git', () => {
  let folder: string;
  let upstream: string;
  let root: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-upgrade-'));
    upstream = join(folder, 'upstream');
    root = join(folder, 'own');
    git(folder, 'init', '--quiet', '--initial-branch=main', upstream);
    commit(upstream, {
      'a.ts': 'one\n',
      'domains/example.com.yaml': 'x\n',
      'CHANGELOG.md': '# Changelog\n\n## 0.1.0\n\n- first\n',
    });
    git(upstream, 'tag', 'v0.1.0');
    git(folder, 'clone', '--quiet', upstream, root);
    git(root, 'rm', '--quiet', 'domains/example.com.yaml');
    commit(root, { 'domains/own.example.yaml': 'mine\n', 'notes.md': 'mine\n' });
    commit(upstream, {
      'a.ts': 'two\n',
      'b.ts': 'new\n',
      'domains/example.com.yaml': 'y\n',
      'CHANGELOG.md': '# Changelog\n\n## 0.2.0\n\n- better, see @everyone\n\n## 0.1.0\n\n- first\n',
    });
    git(upstream, 'tag', 'v0.2.0');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function git(where: string, ...words: string[]): string {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
    return execFileSync('git', ['-C', where, ...who, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  function commit(where: string, files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(where, path)), { recursive: true });
      writeFileSync(join(where, path), text);
    }
    git(where, 'add', '--all');
    git(where, 'commit', '--quiet', '--message', 'a change');
  }

  const ask = (changes: Partial<Parameters<typeof upgrade>[0]> = {}) =>
    upgrade({ root, from: upstream, tag: null, version: '0.1.0', dry_run: false, environment: {}, ...changes });

  test('a branch with the release, and the owner’s files as they were; the checkout is not touched', async () => {
    const result = await ask();
    assert.deepEqual(result, {
      release: 'v0.2.0',
      branch: 'postern/upgrade-v0.2.0',
      pull_request: null,
      left: false,
      overwritten: [],
      kept: ['notes.md'],
    });
    const at = 'postern/upgrade-v0.2.0';
    assert.deepEqual(git(root, 'ls-tree', '-r', '--name-only', at).trim().split('\n'), [
      'CHANGELOG.md',
      'a.ts',
      'b.ts',
      'domains/own.example.yaml',
      'notes.md',
    ]);
    assert.equal(git(root, 'show', `${at}:a.ts`), 'two\n');
    assert.equal(git(root, 'rev-parse', `${at}^`), git(root, 'rev-parse', 'main'));
    assert.equal(git(root, 'status', '--porcelain'), '');
  });

  test('what a person pushed onto the proposal is not pushed over by the next run', async () => {
    const { fake, repository, environment } = await fakeWithRepository();
    try {
      const branch = 'postern/upgrade-v0.2.0';
      commitFiles(fake.world, repository, branch, { 'a.ts': 'two\n' });
      const { pull_request } = await ask({ environment });
      assert.ok(pull_request !== null);
      assert.deepEqual((await ask({ environment })).pull_request, pull_request, 'our own is brought up to date');
      git(root, 'checkout', '--quiet', branch);
      commit(root, { 'a.ts': 'two, with my change\n' });
      git(root, 'push', '--quiet', 'origin', branch);
      const mine = git(upstream, 'rev-parse', branch);
      git(root, 'checkout', '--quiet', 'main');
      assert.deepEqual([(await ask({ environment })).left, git(upstream, 'rev-parse', branch)], [true, mine]);
    } finally {
      await fake.close();
    }
  });

  test('the release in use is not known: the proposal says that changes cannot be told apart', () => {
    const input = { release: 'v0.2.0', version: '0.1.9', changelog: '', overwritten: [], kept: [] };
    assert.match(upgradeBody({ ...input, knowsBase: false }), /no release of 0\.1\.9 .* read the diff/);
    assert.doesNotMatch(upgradeBody({ ...input, knowsBase: true }), /read the diff/);
  });

  test('the newest is in use, a release that is none, an address that is none', async () => {
    assert.equal((await ask({ version: '0.2.0' })).release, null);
    await assert.rejects(ask({ tag: 'v9.0.0' }), { code: 'release-unknown', exit: 2 });
    await assert.rejects(ask({ tag: '--upload-pack=x' }), { code: 'release-unknown', exit: 2 });
    await assert.rejects(ask({ from: join(folder, 'nothing') }), { code: 'upgrade', exit: 3 });
  });

  test('what is new is what stands above the version in use, and mentions nobody', () => {
    const text = changesSince('# Changelog\n\n## 0.2.0\n\n- better, see @everyone\n\n## 0.1.0\n\n- first\n', '0.1.0');
    assert.match(text, /better/);
    assert.doesNotMatch(text, /first|@everyone/);
  });
});
