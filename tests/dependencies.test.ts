import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
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

test('what the workflows run imports nothing that only tests and checks have: they install without it', () => {
  const root = new URL('../', import.meta.url).pathname;
  const files = globSync(['scripts/**/*.{ts,mjs}', 'site/**/*.{ts,astro}', 'astro.config.mjs'], { cwd: root });
  assert.ok(files.length > 200);
  const found = new Set<string>();
  for (const file of files)
    for (const [, one, other] of read(file).matchAll(
      /(?:^|\n)(?:import|export)\b[^'";]*?from '([^'.#/][^']*)'|\bimport\('([^'.#/][^']*)'\)/g,
    )) {
      const name = one ?? other ?? '';
      found.add(name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? ''));
    }
  const runs = new Set(Object.keys(manifest['dependencies'] ?? {}));
  const strange = [...found].filter(
    (name) => !name.startsWith('node:') && !name.startsWith('astro:') && !runs.has(name),
  );
  assert.ok(found.has('imapflow'));
  assert.deepEqual(strange, []);
});
