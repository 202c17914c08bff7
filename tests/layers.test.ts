import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** docs/architecture.md: imports only go down, `cli → tasks → (io | core) → standards`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'scripts/standards': ['scripts/standards'],
  'scripts/core': ['scripts/core', 'scripts/standards'],
  'scripts/io': ['scripts/io', 'scripts/standards'],
  'scripts/tasks': ['scripts/tasks', 'scripts/io', 'scripts/core', 'scripts/standards'],
  'scripts/cli': ['scripts/cli', 'scripts/tasks', 'scripts/io', 'scripts/core', 'scripts/standards'],
  site: ['site', 'scripts/core', 'scripts/standards'],
};
/** What a layer may name only in `import type`, which leaves no trace at run time. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = { 'scripts/io': ['scripts/core'] };
/** The one file through which the site reaches the store, and the one error class io may throw. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'site/reports/gathered.ts': ['scripts/tasks'],
  'scripts/io': ['scripts/core/failure.ts'],
};
const PURE = ['scripts/standards', 'scripts/core'];

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  const statements = source.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  );
  return [...statements].map((found) => ({
    from: file,
    to: resolveSpecifier(file, found[2] ?? found[3] ?? ''),
    typeOnly: found[1] !== undefined,
  }));
}

/** A path of ours relative to the root, or the bare name of a package. */
function resolveSpecifier(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (!specifier.startsWith('.')) return specifier;
  return relative(root, normalize(join(root, dirname(file), specifier)))
    .split(sep)
    .join('/');
}

function layerOf(path: string): string | null {
  return Object.keys(MAY_IMPORT).find((layer) => path === layer || path.startsWith(`${layer}/`)) ?? null;
}

const files = globSync(['scripts/*/**/*.ts', 'site/**/*.{ts,astro}'], { cwd: root }).map((file) =>
  file.split(sep).join('/'),
);
const imports = files.flatMap(importsOf);

test('imports only go down the layers', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const [here, there] = [layerOf(from), layerOf(to)];
    if (here === null || there === null || MAY_IMPORT[here]?.includes(there)) return false;
    if (typeOnly && MAY_IMPORT_TYPES[here]?.includes(there)) return false;
    const excepted = [...(EXCEPTIONS[from] ?? []), ...(EXCEPTIONS[here] ?? [])];
    return !excepted.some((allowed) => to === allowed || to.startsWith(`${allowed}/`));
  });
  assert.deepEqual(wrong, []);
});

test('every file of scripts/ and site/ stands in a layer', () => {
  assert.ok(files.length > 30, `only ${files.length} files were looked at`);
  assert.deepEqual(
    files.filter((file) => layerOf(file) === null),
    [],
  );
});

test('the pure layers import nothing of Node, and never ask the clock or chance', () => {
  const pure = files.filter((file) => PURE.some((layer) => file.startsWith(`${layer}/`)));
  const wrong = pure.flatMap((file) => {
    const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
    const impure = code.match(/\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bcrypto\.|\bperformance\./);
    const node = imports.find((one) => one.from === file && one.to.startsWith('node:'));
    return impure === null && node === undefined ? [] : [`${file}: ${impure?.[0] ?? node?.to}`];
  });
  assert.deepEqual(wrong, []);
});

test('no file imports in a circle', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly && layerOf(to) !== null) edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of edges.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of edges.keys()) assert.equal(visit(file, []), null);
});
