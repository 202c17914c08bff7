import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

const PREFIX = '.postern-build-';
/** A build that was cut off leaves its folder; the next one after this time removes it. */
const LEFT_OVER_MS = 86_400_000;

/** An empty folder within `out`, so that what is built there can be moved into place in one step. */
export function makeWorkFolder(out: string): string {
  mkdirSync(out, { recursive: true });
  for (const name of readdirSync(out)) {
    const folder = join(out, name);
    if (name.startsWith(PREFIX) && Date.now() - modifiedAt(folder) > LEFT_OVER_MS) removeFolder(folder);
  }
  return mkdtempSync(join(out, PREFIX));
}

/**
 * Puts `built` where `target` is. The old one stands until the new one is complete, and comes back if the move fails. A file
 * whose bytes are those of before stays the file it was, with its time, so that whatever copies what is newer copies little.
 */
export function replaceFolder(built: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  keepUnchanged(built, target);
  const old = `${built}.old`;
  const existed = renameIfThere(target, old);
  try {
    renameSync(built, target);
  } catch (error) {
    if (existed) renameSync(old, target);
    throw error;
  }
}

function keepUnchanged(built: string, target: string): void {
  if (!existsSync(target)) return;
  for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const made = join(entry.parentPath, entry.name);
    const before = join(target, relative(built, made));
    const known = lstatSync(before, { throwIfNoEntry: false });
    if (known === undefined || !known.isFile()) continue;
    const { ino, size } = statSync(made);
    if (ino === known.ino || size !== known.size) continue;
    if (!readFileSync(made).equals(readFileSync(before))) continue;
    keep(before, made);
  }
}

/** A second name for the file of before: the folder that goes takes only the first one away. */
function keep(before: string, made: string): void {
  const kept = `${made}.kept`;
  try {
    linkSync(before, kept);
  } catch (error) {
    // A file system without hard links: then it is written anew, as any other.
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return;
    throw error;
  }
  renameSync(kept, made);
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** What is in a folder: all files, and those among them that are pages. */
export function countFiles(folder: string): { readonly pages: number; readonly files: number } {
  let [pages, files] = [0, 0];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    if (entry.name.endsWith('.html')) pages++;
  }
  return { pages, files };
}

/** Milliseconds since the epoch; now, when another build has removed it meanwhile. */
function modifiedAt(folder: string): number {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
