import { parentPort } from 'node:worker_threads';
import { stampNames } from '../../io/mail/file-stamps.ts';
import type { StampOrder } from './stamp-helper.ts';

/* The thread that stamp-helper.ts starts. */

parentPort?.on('message', ({ folder, names, numbers, done }: StampOrder) => {
  stampNames(folder, names, numbers);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
