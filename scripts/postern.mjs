#!/usr/bin/env node
/**
 * What `npx postern` starts. Plain JavaScript without dependencies, so that it can speak under any Node and before anything is
 * installed: the rest needs a Node that runs TypeScript as it stands, which the lockfile brings.
 */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

if (!existsSync(new URL('../node_modules/ajv/package.json', import.meta.url))) {
  process.stderr.write('postern: not-installed: the packages are not there\n  hint: run: node scripts/ensure.mjs\n');
  process.exit(2);
}
if (process.features.typescript === undefined || process.features.typescript === false) {
  process.stderr.write(
    `postern: node-too-old: this is Node ${process.versions.node}, Postern needs 24\n` +
      '  hint: npx postern brings its own Node 24; where the lockfile has none for this machine, install it\n',
  );
  process.exit(2);
}
// A run of a second ends before the last of V8's compilers earns back what it takes: it gets what is called far more often than
// by default. Before the cache, which keeps compiled code for these flags and no others.
setFlagsFromString('--invocation-count-for-turbofan=30000');
// Here and not only there: what strips the types of the first file need not be loaded, a tenth of a short run.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
await import('./postern.ts');
