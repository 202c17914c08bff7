import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/** Written, but not yet decided: a run that was cut off leaves it, the next one deletes it. */
const STAGING = '.staging';
/** Decided: a run that was cut off while moving leaves it, the next one finishes the move. */
const COMMITTED = '.committed';

const MONTH = /^month=(\d{4}-\d{2})$/;
const PART = /^part-([0-9a-f]{32})\.parquet$/;
/** `<part>.replaces` names, line by line, the parts of its month that this one holds the rows of. */
const REPLACES = '.replaces';

/** The folders of `data/` that hold month partitions. */
export type PartStore = 'reports' | 'observations' | 'figures';

export interface PartFile {
  /** `2026-11`. */
  readonly month: string;
  readonly path: string;
  /** What the SHA-256 of its bytes begins with, by its name; null when somebody else named it. */
  readonly digest: string | null;
}

/**
 * Every stored part, by month and name. Parts of a commit that was cut off while moving are stored, too: they are read
 * where they stand.
 */
export function listParts(dataDir: string, store: PartStore = 'reports'): readonly PartFile[] {
  const home = join(dataDir, store);
  const parts = new Map<string, PartFile>();
  for (const folder of [home, join(home, COMMITTED)]) {
    for (const month of names(folder)) {
      const matched = MONTH.exec(month)?.[1];
      if (matched === undefined) continue;
      for (const name of names(join(folder, month))) {
        if (!name.endsWith('.parquet') || name.startsWith('.') || parts.has(`${month}/${name}`)) continue;
        const digest = PART.exec(name)?.[1] ?? null;
        parts.set(`${month}/${name}`, { month: matched, path: join(folder, month, name), digest });
      }
    }
  }
  for (const replaced of replacedParts(join(home, COMMITTED))) parts.delete(replaced);
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** Finishes or forgets what a run that was cut off left. Call it before anything is read or staged. */
export function settleParts(dataDir: string, store: PartStore = 'reports'): void {
  const home = join(dataDir, store);
  rmSync(join(home, STAGING), { recursive: true, force: true });
  const committed = join(home, COMMITTED);
  if (!existsSync(committed)) return;
  for (const replaced of replacedParts(committed)) rmSync(join(home, replaced), { force: true });
  for (const month of names(committed)) {
    mkdirSync(join(home, month), { recursive: true });
    for (const name of names(join(committed, month))) {
      if (!name.endsWith(REPLACES)) renameSync(join(committed, month, name), join(home, month, name));
    }
    syncFolder(join(home, month));
  }
  rmSync(committed, { recursive: true });
  syncFolder(home);
}

/** An empty folder for the parts of one commit. */
export function stageParts(dataDir: string, store: PartStore = 'reports'): string {
  const staging = join(dataDir, store, STAGING);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  return staging;
}

/**
 * Names a written part after its bytes, so that the same rows make the same file and a damaged one shows. `replaced` are
 * stored parts of its month whose rows it holds: they go when it comes.
 */
export function sealPart(path: string, folder: string, replaced: readonly PartFile[] = []): void {
  const fd = openSync(path, 'r+');
  fsyncSync(fd);
  closeSync(fd);
  const name = `part-${digestOf(path).slice(0, 32)}.parquet`;
  const others = replaced.map((part) => basename(part.path)).filter((other) => other !== name);
  if (others.length > 0) writeFileSync(join(folder, `${name}${REPLACES}`), others.join('\n'), { flush: true });
  renameSync(path, join(folder, name));
  syncFolder(folder);
}

/** Makes all staged parts stored at once: the rename decides, and the moves that follow can be repeated. */
export function commitParts(dataDir: string, store: PartStore = 'reports'): void {
  const home = join(dataDir, store);
  syncFolder(join(home, STAGING));
  renameSync(join(home, STAGING), join(home, COMMITTED));
  syncFolder(home);
  settleParts(dataDir, store);
}

/** Whether the bytes are those it was named after; true for a file that somebody else named. */
export function isIntact(part: PartFile): boolean {
  return part.digest === null || digestOf(part.path).startsWith(part.digest);
}

/** What a commit replaces, as `month=2026-11/part-….parquet`. */
function replacedParts(committed: string): readonly string[] {
  return names(committed).flatMap((month) =>
    names(join(committed, month))
      .filter((name) => name.endsWith(REPLACES))
      .flatMap((name) => readFileSync(join(committed, month, name), 'utf8').split('\n'))
      .map((name) => `${month}/${name}`),
  );
}

/** SHA-256 of a file, in hexadecimal. */
export function digestOf(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, 'r');
  try {
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Makes renames in a folder durable. Windows cannot open folders and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
