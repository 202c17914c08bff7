import { linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes `bytes` as `file`, unless `before` holds the same already: then `file` is a second name of it, and nothing is
 * written. On a file system without hard links it is written anyway. Null: nothing stood before.
 */
export function writeOrKeep(file: string, bytes: Uint8Array, before: string | null): void {
  if (before === null || !isSame(before, bytes) || !linked(before, file)) writeFileSync(file, bytes);
}

function isSame(before: string, bytes: Uint8Array): boolean {
  const known = statSync(before, { throwIfNoEntry: false });
  return known?.isFile() === true && known.size === bytes.length && readFileSync(before).equals(bytes);
}

function linked(before: string, file: string): boolean {
  try {
    linkSync(before, file);
    return true;
  } catch {
    return false;
  }
}
