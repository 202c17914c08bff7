import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Entry } from '../../core/config/entry.ts';
import { PosternError } from '../../core/failure.ts';

/** Bytes: some hundred times what a domain with everything in it needs. */
const MOST_BYTES = 256 * 1024;
const MOST_TOTAL_BYTES = 256 * 1024 * 1024;
const MOST_ENTRIES = 100_000;

/** Whether a name below `domains/` is to be read (a file) or entered (a folder). */
type Wanted = (path: string, folder: boolean) => boolean;

/**
 * What stands in `<root>/domains` and one folder below, in the order of names. Names decide what is opened; every read
 * is bounded, no link is followed out of the root, and nothing but regular files is opened.
 * Throws PosternError `root-missing` (exit 2) when there is no such folder.
 */
export function readDomainFiles(root: string, wanted: Wanted): readonly Entry[] {
  const realRoot = realPath(root);
  const domains = realRoot === null ? null : realPath(join(realRoot, 'domains'));
  if (realRoot === null || domains === null || !isInside(realRoot, domains) || !statSync(domains).isDirectory()) {
    throw new PosternError('root-missing', `There is no folder domains/ in ${root}.`, {
      exit: 2,
      hint: 'Run the command in the repository, or name it with --root.',
    });
  }
  const reading: Reading = { root: realRoot, wanted, entries: [], bytes: 0 };
  readFolder(reading, domains, '');
  return reading.entries;
}

interface Reading {
  readonly root: string;
  readonly wanted: Wanted;
  readonly entries: Entry[];
  bytes: number;
}

/** `path` is that of the folder below `domains/`, empty for `domains` itself. */
function readFolder(reading: Reading, folder: string, path: string): void {
  const { entries, wanted } = reading;
  const names = attempt(() => readdirSync(folder, { withFileTypes: true }));
  if (!names.ok) {
    entries.push({ path, kind: 'unreadable', reason: names.reason });
    return;
  }
  for (const item of names.value.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entries.length >= MOST_ENTRIES || reading.bytes >= MOST_TOTAL_BYTES) {
      const limit = entries.length >= MOST_ENTRIES ? `${MOST_ENTRIES} files` : `${MOST_TOTAL_BYTES} bytes`;
      entries.push({ path, kind: 'too-many', limit });
      return;
    }
    const below = path === '' ? item.name : `${path}/${item.name}`;
    const place = join(folder, item.name);
    const target = item.isSymbolicLink() ? linkTarget(reading.root, place) : { place, kind: kindOf(item) };
    if ('place' in target) {
      if (target.kind === 'special') entries.push({ path: below, kind: 'special' });
      else if (target.kind === 'file' && wanted(below, false)) entries.push(readFile(reading, target.place, below));
      // One folder deep, whatever is wanted: a link may lead round in a circle.
      else if (target.kind === 'folder' && path === '' && wanted(below, true)) readFolder(reading, target.place, below);
      else entries.push({ path: below, kind: 'unread', folder: target.kind === 'folder' });
    } else entries.push({ path: below, ...target });
  }
}

type Target =
  | { readonly place: string; readonly kind: 'file' | 'folder' | 'special' }
  | { readonly kind: 'outside-root' }
  | { readonly kind: 'unreadable'; readonly reason: string };

function linkTarget(root: string, link: string): Target {
  const target = attempt((): Target => {
    const place = realpathSync(link);
    return isInside(root, place) ? { place, kind: kindOf(statSync(place)) } : { kind: 'outside-root' };
  });
  return target.ok ? target.value : { kind: 'unreadable', reason: target.reason };
}

function kindOf(item: { isFile(): boolean; isDirectory(): boolean }): 'file' | 'folder' | 'special' {
  if (item.isDirectory()) return 'folder';
  return item.isFile() ? 'file' : 'special';
}

function readFile(reading: Reading, place: string, path: string): Entry {
  const read = attempt((): Entry => {
    // What has become a link or a pipe since the folder was listed is refused, not followed or waited for.
    const file = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) return { path, kind: 'special' };
      if (stats.size > MOST_BYTES) return { path, kind: 'too-large', bytes_limit: MOST_BYTES };
      const bytes = new Uint8Array(stats.size);
      const length = readSync(file, bytes, 0, bytes.length, 0);
      reading.bytes += length;
      return { path, kind: 'file', bytes: bytes.subarray(0, length) };
    } finally {
      closeSync(file);
    }
  });
  return read.ok ? read.value : { path, kind: 'unreadable', reason: read.reason };
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** A refusal of the system is an outcome here; anything else is a fault of ours and is thrown. */
function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    return { ok: false, reason: code };
  }
}

function realPath(path: string): string | null {
  const real = attempt(() => realpathSync(path));
  return real.ok ? real.value : null;
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
