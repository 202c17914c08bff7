import { statSync } from 'node:fs';
import { listParts } from './part-files.ts';

/** About a million rows: fewer are counted in no time by whoever asks first. */
const MANY_BYTES = 32 * 2 ** 20;

/** Whether so many reports are stored that it takes seconds to count them. */
export function isMuchStored(dataDir: string): boolean {
  let bytes = 0;
  for (const { path } of listParts(dataDir)) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return bytes >= MANY_BYTES;
}
