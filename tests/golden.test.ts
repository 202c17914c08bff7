import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * The shipped example as a golden world: the same mail and configuration at the same moment give the same bytes.
 * After a change that is meant: `UPDATE_GOLDEN=1 node --test tests/golden.test.ts`, and read the difference.
 */
const NOW = '2026-11-21T06:00:00Z';
const root = fileURLToPath(new URL('..', import.meta.url));
const golden = join(root, 'tests', 'golden', 'example');
let folder: string;

suite('the example as a golden world', () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-golden-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function postern(...argv: readonly string[]): string {
    const fixed = ['--root', root, '--data', join(folder, 'data'), '--now', NOW];
    const run = spawnSync(process.execPath, [join(root, 'scripts', 'postern.ts'), ...argv, ...fixed], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, GITHUB_ACTIONS: '' },
    });
    assert.ok(run.status === 0 || run.status === 1, run.stderr);
    return run.stdout;
  }

  function sameAsGolden(name: string, text: string): void {
    const path = join(golden, name);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    assert.equal(text, readFileSync(path, 'utf8'), name);
  }

  test('ingest: every mail of the example is stored, told apart or quarantined', () => {
    sameAsGolden('ingest.txt', postern('ingest'));
    assert.match(postern('ingest'), /, 0 new reports stored/);
  });

  test('review: findings, rollouts and freshness', () => {
    sameAsGolden('review.txt', postern('review'));
    const { days: _days, ...review } = JSON.parse(postern('review', '--json')) as Record<string, unknown>;
    sameAsGolden('review.json', `${JSON.stringify(review, null, 2)}\n`);
  });

  test('policies: each document root, byte for byte', () => {
    const out = join(folder, 'dist');
    postern('build', 'policies', '--out', out);
    const files = readdirSync(join(out, 'policies'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
    sameAsGolden('policies.txt', `${files.join('\n')}\n`);
    for (const file of files.filter((name) => name.endsWith('mta-sts.txt'))) {
      sameAsGolden(file.replaceAll('/.well-known/', '/'), readFileSync(join(out, file), 'utf8'));
    }
  });
});
