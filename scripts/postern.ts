#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Half of a short run would be compiling the same packages again. The cache lies in node_modules, where only its owner writes.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
const { main } = await import('./cli/main.ts');

process.exitCode = await main(process.argv.slice(2), process.env, {
  out: process.stdout,
  err: process.stderr,
  clock: Date.now,
  cwd: process.cwd(),
});
