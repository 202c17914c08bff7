import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CountedFor } from '../../core/reports/counted-for.ts';
import type { PieceFigures } from '../../core/reports/piece-figures.ts';
import { bytesOfFigures, FIGURES_FORMAT, figuresOfBytes, withPlaces } from './figure-bytes.ts';
import type { PartFile } from './part-files.ts';

/*
 * What was counted of stored reports, beside them: `counted/month=2026-11/<of>-<digest>.counted`. `of` is made of the names of
 * the files the rows stand in, which are made of their bytes, and of the statements that counted; `digest` of the file's own
 * bytes. So a file is never taken for what was counted of other rows or otherwise, nor when it is damaged. It holds nothing
 * that the rows do not say: where it is missing they are counted.
 */

export const COUNTED = 'counted';
const ENDING = '.counted';

/** What was found of a piece; `damaged` are files of its name that hold something else. */
export interface FoundFigures {
  readonly figures: PieceFigures | null;
  /** Of the figures, relative to the data folder. */
  readonly file: string | null;
  readonly damaged: readonly string[];
}

/** The name of what these statements count of these files; null when somebody else named one of them. */
export function countedName(parts: readonly PartFile[], words: string): string | null {
  const digests = parts.map(({ digest }) => digest);
  if (digests.includes(null)) return null;
  return hash('sha256', [FIGURES_FORMAT, words, ...digests].join('\0')).slice(0, 32);
}

/** The figures of that name that hold; `places` gives for each domain they were counted of the index it has now, or null. */
export function findCounted(
  dataDir: string,
  month: string,
  of: string,
  places: (counted: CountedFor) => Int32Array | null,
): FoundFigures {
  const damaged: string[] = [];
  for (const name of names(join(dataDir, folderOf(month)))) {
    if (!name.startsWith(`${of}-`) || !name.endsWith(ENDING)) continue;
    const file = `${folderOf(month)}/${name}`;
    const bytes = bytesOf(join(dataDir, file));
    // A run that writes has removed it since.
    if (bytes === null) continue;
    const isIntact = name === nameOf(of, bytes);
    const read = isIntact ? figuresOfBytes(bytes) : null;
    if (read === null || read.of !== of || read.figures.month !== month) {
      damaged.push(file);
      continue;
    }
    const now = places(read.counted);
    if (now !== null) return { figures: withPlaces(read.figures, now), file, damaged };
  }
  return { figures: null, file: null, damaged };
}

/** Writes figures whose indexes are those of `domains`. Returns the file. The caller holds the lock. */
export function writeCounted(
  dataDir: string,
  of: string,
  figures: PieceFigures,
  { domains, counted }: { readonly domains: readonly string[]; readonly counted: CountedFor },
): string {
  const place = new Map(counted.ours.map((domain, index) => [domain, index]));
  const places = Int32Array.from(domains, (domain) => place.get(domain) ?? -1);
  const bytes = bytesOfFigures(withPlaces(figures, places), { of, counted });
  const folder = join(dataDir, folderOf(figures.month));
  mkdirSync(folder, { recursive: true });
  const name = nameOf(of, bytes);
  writeFileSync(join(folder, `${name}.tmp`), bytes, { flush: true });
  renameSync(join(folder, `${name}.tmp`), join(folder, name));
  return `${folderOf(figures.month)}/${name}`;
}

/** Removes what was counted of rows that are no longer there, or of days that nobody asks for. The caller holds the lock. */
export function keepCounted(dataDir: string, kept: ReadonlySet<string>): void {
  const home = join(dataDir, COUNTED);
  for (const month of names(home)) {
    for (const name of names(join(home, month)))
      if (!kept.has(`${COUNTED}/${month}/${name}`)) rmSync(join(home, month, name), { force: true });
    if (names(join(home, month)).length === 0) rmdirSync(join(home, month));
  }
  if (existsSync(home) && names(home).length === 0) rmdirSync(home);
}

function folderOf(month: string): string {
  return `${COUNTED}/month=${month}`;
}

function nameOf(of: string, bytes: Uint8Array): string {
  return `${of}-${hash('sha256', bytes).slice(0, 32)}${ENDING}`;
}

function bytesOf(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
