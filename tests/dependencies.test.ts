import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const installed = Object.entries({
  ...manifest['dependencies'],
  ...manifest['devDependencies'],
  ...manifest['optionalDependencies'],
});

test('every dependency is pinned exactly', () => {
  for (const [name, version] of installed) assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
});

test('every dependency has its reason in docs/dependencies.md, and nothing else does', () => {
  const rows = read('docs/dependencies.md').matchAll(/^\| (`.+?`(?:, `.+?`)*) \| (.+) \|$/gm);
  const reasoned = [...rows].flatMap((row) => [...(row[1] ?? '').matchAll(/`([^`]+)`/g)].map((name) => name[1]));
  assert.deepEqual(reasoned.sort(), installed.map(([name]) => name).sort());
});

test('the lockfile names no registry: whoever installs chooses it', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
});
