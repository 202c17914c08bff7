import { getCompileCacheDir } from 'node:module';
import { Worker, type WorkerOptions, workerData } from 'node:worker_threads';

const FIRST = new URL('./thread.mjs', import.meta.url);

/** Starts a thread that runs `module`, which finds `start` with startOf. */
export function startThread(module: URL, start: unknown, options: WorkerOptions = {}): Worker {
  const data = { module: module.href, compileCache: getCompileCacheDir(), start };
  return new Worker(FIRST, { ...options, workerData: data, execArgv: [] });
}

/** In the thread: what it was started with. */
export function startOf<T>(): T {
  return workerData.start;
}
