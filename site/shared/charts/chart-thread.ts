import { Worker } from 'node:worker_threads';
import type { Trend } from '../view-models/trend.ts';
import type { Drawing, Drawn } from './draw-charts.ts';
import { packed } from './packed-trend.ts';

/** Runs in Node as it stands (site/build/leave-to-node.ts), so the thread's file is found beside this one. */
const THREAD = new URL('./draw-charts.ts', import.meta.url);

interface Waiting {
  readonly resolve: (svg: string) => void;
  readonly reject: (error: unknown) => void;
}

let thread: Worker | null = null;
let number = 0;
const waiting = new Map<number, Waiting>();

/**
 * The same picture as `trendChart`, drawn in a thread of its own, while the pages that need no picture, or have theirs, are
 * rendered: Vega takes as long for one as all the rest of a page.
 */
export function chartInThread(trend: Trend): Promise<string> {
  const running = thread ?? start();
  const id = ++number;
  // A thread that nobody waits for keeps no process alive; one that somebody waits for does.
  running.ref();
  running.postMessage({ id, trend: packed(trend) } satisfies Drawing);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function start(): Worker {
  const started = new Worker(THREAD, { execArgv: [] });
  started.on('message', ({ id, ...drawn }: Drawn) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) started.unref();
    if ('error' in drawn) asked?.reject(drawn.error);
    else asked?.resolve(drawn.svg);
  });
  started.on('error', (error) => {
    thread = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  thread = started;
  return started;
}
