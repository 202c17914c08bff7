import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

/*
 * What a thread of start-thread.ts runs first, in plain JavaScript: a thread does not inherit the cache of compiled code, and
 * whatever is TypeScript before it is there loads a compiler of its own, which takes longer than a thousand reports.
 */

if (workerData.compileCache !== undefined) enableCompileCache(workerData.compileCache);
await import(workerData.module);
