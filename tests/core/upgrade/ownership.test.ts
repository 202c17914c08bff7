import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwners, newestRelease, upgradeTree } from '#scripts/core/upgrade/ownership.ts';

const tree = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files));

test('what is the owner’s', () => {
  for (const path of [
    'domains/example.com.yaml',
    'domains/_settings.yaml',
    'domains/acme/a.example.yaml',
    'data/x',
    '.github/CODEOWNERS',
  ])
    assert.equal(isOwners(path), true, path);
  for (const path of [
    'domains/schema.json',
    'domains/settings.schema.json',
    'README.md',
    '.github/workflows/daily.yml',
  ])
    assert.equal(isOwners(path), false, path);
});

test('the release in place of the engine, what is the owner’s untouched, additions kept, changes told', () => {
  const result = upgradeTree({
    here: tree({
      'domains/a.yaml': 'mine',
      'scripts/a.ts': '1',
      'scripts/b.ts': 'mine',
      'own.md': 'mine',
      'old.ts': '1',
      'domains/schema.json': '1',
    }),
    base: tree({
      'domains/a.yaml': '0',
      'scripts/a.ts': '1',
      'scripts/b.ts': '1',
      'old.ts': '1',
      'domains/schema.json': '1',
    }),
    release: tree({
      'domains/a.yaml': '0',
      'domains/example.yaml': '0',
      'scripts/a.ts': '2',
      'scripts/b.ts': '2',
      'domains/schema.json': '2',
    }),
  });
  assert.deepEqual(Object.fromEntries(result.tree), {
    'domains/a.yaml': 'mine',
    'scripts/a.ts': '2',
    'scripts/b.ts': '2',
    'domains/schema.json': '2',
    'own.md': 'mine',
  });
  assert.deepEqual([result.overwritten, result.kept], [['scripts/b.ts'], ['own.md']]);
});

test('without the release it was made from nothing that only the owner has is removed', () => {
  const { tree: made } = upgradeTree({ here: tree({ 'old.ts': '1' }), base: null, release: tree({ 'new.ts': '1' }) });
  assert.deepEqual([...made.keys()].sort(), ['new.ts', 'old.ts']);
});

test('the newest release, by number and not by text', () => {
  assert.equal(newestRelease(['v1.9.0', 'v1.10.0', 'v1.2.0', 'nightly', 'v2.0.0-rc1'], '1.8.0'), 'v1.10.0');
  assert.equal(newestRelease(['v1.9.0', 'v1.10.0'], '1.10.0'), null);
  assert.equal(newestRelease([], '0.1.0'), null);
});
