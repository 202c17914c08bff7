import { type Dir, opendirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A thread costs as much as reading this many files. */
const MANY_FILES = 1000;
const MANY_BYTES = 8 * 2 ** 20;

/** Whether there is so much under the paths that a thread of its own for the database pays. It looks no further than needed. */
export function isMuch(paths: readonly string[]): boolean {
  let files = 0;
  const visit = (path: string): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) return stat.size >= MANY_BYTES;
    if (!stat?.isDirectory()) return false;
    const folders: string[] = [];
    for (const entry of entriesOf(path)) {
      files += 1;
      if (files >= MANY_FILES) return true;
      if (entry.isDirectory()) folders.push(join(path, entry.name));
    }
    return folders.some(visit);
  };
  return paths.some(visit);
}

/** A folder that may not be read holds nothing to weigh here; reading it says so and goes on with the rest. */
function* entriesOf(path: string): Generator<NonNullable<ReturnType<Dir['readSync']>>> {
  let folder: Dir;
  try {
    folder = opendirSync(path, { bufferSize: MANY_FILES });
  } catch {
    return;
  }
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
  } finally {
    folder.closeSync();
  }
}
