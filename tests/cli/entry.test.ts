import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../scripts/postern.mjs', import.meta.url));

suite('what npx postern starts', () => {
  let checkout: string;
  before(() => {
    checkout = mkdtempSync(join(tmpdir(), 'postern-entry-'));
    mkdirSync(join(checkout, 'scripts'));
    cpSync(ENTRY, join(checkout, 'scripts', 'postern.mjs'));
  });
  after(() => rmSync(checkout, { recursive: true, force: true }));

  function start(...node: readonly string[]) {
    const run = spawnSync(process.execPath, [...node, join(checkout, 'scripts', 'postern.mjs'), 'check'], {
      encoding: 'utf8',
    });
    return { exit: run.status, out: run.stdout, err: run.stderr };
  }

  test('nothing is installed: one line and the command that installs, no stack', () => {
    const { exit, out, err } = start();
    assert.deepEqual([exit, out], [2, '']);
    assert.match(err, /^postern: not-installed: .+\n {2}hint: run: node scripts\/ensure\.mjs\n$/);
  });

  test('a Node that does not run TypeScript: its version and what to do, no stack', () => {
    mkdirSync(join(checkout, 'node_modules', 'ajv'), { recursive: true });
    writeFileSync(join(checkout, 'node_modules', 'ajv', 'package.json'), '{}');
    const { exit, out, err } = start('--no-experimental-strip-types');
    assert.deepEqual([exit, out], [2, '']);
    assert.ok(err.startsWith(`postern: node-too-old: this is Node ${process.versions.node}, `), err);
    assert.match(err, /\n {2}hint: .+\n$/);
  });
});
