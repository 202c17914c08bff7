import { linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes `bytes` as `file`, unless `before` holds the same already: then `file` is a second name of it, and nothing is
 * written. On a file system without hard links it is written anyway.
 */
export function writeOrKeep(file: string, bytes: Uint8Array, before: string): void {
  const known = statSync(before, { throwIfNoEntry: false });
  if (known?.isFile() && known.size === bytes.length && readFileSync(before).equals(bytes) && linked(before, file))
    return;
  writeFileSync(file, bytes);
}

function linked(before: string, file: string): boolean {
  try {
    linkSync(before, file);
    return true;
  } catch {
    return false;
  }
}
