#!/usr/bin/env node
import { main } from './cli/main.ts';

process.exitCode = await main(process.argv.slice(2), process.env, {
  out: process.stdout,
  err: process.stderr,
  clock: Date.now,
  cwd: process.cwd(),
});
