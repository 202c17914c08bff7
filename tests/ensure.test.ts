import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folders: string[] = [];
suite('the installer', () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  interface Packages {
    readonly [path: string]: {
      readonly version: string;
      readonly integrity?: string;
      readonly optional?: boolean;
      readonly dev?: boolean;
    };
  }
  const LOCKED: Packages = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' },
    'node_modules/only-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
  };
  const INSTALLED: Packages = { 'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' } };

  /** A checkout with the given lockfile and installation, and an `npm` that only writes down how it was called. */
  function ensure(
    installed: Packages | string | null,
    npmExit = 0,
    present: readonly string[] = ['node_modules/a'],
    { locked = LOCKED, options = [] }: { readonly locked?: Packages; readonly options?: readonly string[] } = {},
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'postern-ensure-'));
    folders.push(folder);
    mkdirSync(join(folder, 'scripts'));
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'node_modules'));
    for (const path of present) {
      mkdirSync(join(folder, path));
      writeFileSync(join(folder, path, 'package.json'), '{}');
    }
    cpSync(fileURLToPath(new URL('../scripts/ensure.mjs', import.meta.url)), join(folder, 'scripts', 'ensure.mjs'));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: locked }));
    if (installed !== null) {
      const text = typeof installed === 'string' ? installed : JSON.stringify({ packages: installed });
      writeFileSync(join(folder, 'node_modules', '.package-lock.json'), text);
    }
    writeFileSync(join(folder, 'bin', 'npm'), `#!/bin/sh\necho "$@" > "${folder}/called"\nexit ${npmExit}\n`);
    chmodSync(join(folder, 'bin', 'npm'), 0o755);
    const run = spawnSync(process.execPath, [join(folder, 'scripts', 'ensure.mjs'), ...options], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    const called = join(folder, 'called');
    return {
      exit: run.status,
      stderr: run.stderr,
      npm: existsSync(called) ? readFileSync(called, 'utf8').trim() : null,
    };
  }

  test('an installation that is what the lockfile says is left alone, also without packages for other platforms', () => {
    assert.deepEqual(ensure(INSTALLED), { exit: 0, stderr: '', npm: null });
  });

  const STALE: readonly (readonly [string, Packages | string | null, RegExp])[] = [
    ['nothing installed', null, /nothing is installed yet/],
    ['an installation that was cut off', '{"pack', /nothing is installed yet/],
    [
      'an older version',
      { 'node_modules/a': { version: '1.2.2', integrity: 'sha512-a' } },
      /a is 1\.2\.2, the lockfile says 1\.2\.3/,
    ],
    [
      'the same version with other bytes',
      { 'node_modules/a': { version: '1.2.3', integrity: 'sha512-x' } },
      /node_modules\/a is/,
    ],
    ['a package missing', {}, /node_modules\/a is missing/],
    [
      'a package too many',
      { ...INSTALLED, 'node_modules/b': { version: '1.0.0' } },
      /node_modules\/b is installed but not in/,
    ],
  ];
  for (const [name, installed, why] of STALE) {
    test(`${name}: installs without running packages' scripts, and says why`, () => {
      const run = ensure(installed);
      assert.equal(run.exit, 0);
      assert.match(run.npm ?? '', /^ci --ignore-scripts/);
      assert.match(run.stderr, why);
    });
  }

  test('a package whose folder was deleted: installs, and says why', () => {
    const run = ensure(INSTALLED, 0, []);
    assert.match(run.npm ?? '', /^ci /);
    assert.match(run.stderr, /node_modules\/a was deleted/);
  });

  test('a job of a workflow does without what only tests and checks need, and a contributor gets it all', () => {
    const linter = { 'node_modules/linter': { version: '3.0.0', integrity: 'sha512-l', dev: true } };
    const locked = { ...LOCKED, ...linter };
    const job = { locked, options: ['--omit=dev'] };
    assert.match(ensure(null, 0, [], job).npm ?? '', /^ci --ignore-scripts --omit=dev --include=optional /);
    assert.equal(ensure(INSTALLED, 0, ['node_modules/a'], job).npm, null);
    assert.equal(ensure({ ...INSTALLED, ...linter }, 0, ['node_modules/a', 'node_modules/linter'], job).npm, null);
    const contributor = ensure(INSTALLED, 0, ['node_modules/a'], { locked });
    assert.match(contributor.npm ?? '', /^ci --ignore-scripts --include=dev --include=optional /);
    assert.match(contributor.stderr, /linter is missing/);
  });

  test('a failed installation ends with 3 and what to do', () => {
    const run = ensure(null, 1);
    assert.equal(run.exit, 3);
    assert.match(run.stderr, /install-failed: npm ci ended with 1\n {2}hint: /);
  });
});
