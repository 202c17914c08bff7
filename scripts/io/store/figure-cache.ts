import { hash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { PieceFigures } from '../../core/reports/piece-figures.ts';
import { FileStamps } from '../mail/file-stamps.ts';
import { FIGURES_FORMAT } from './figure-bytes.ts';
import type { PartFile } from './part-files.ts';

/*
 * Millions of reports are counted once. What a run counted that may not write beside them (counted-files.ts) is kept where
 * compiled code is cached, under the name of everything it depends on: the bytes of the stored files, the statements that
 * counted, the domains asked for. It is no part of the data and never looked for in place of it: where any of these differs,
 * the name differs.
 */

const FOLDER = fileURLToPath(new URL('../../../node_modules/.cache/postern', import.meta.url));
const PREFIX = 'figures-';

/** Beyond, those that were not used for longest are removed. */
const MOST_BYTES = 2 ** 30;

const DIGEST_BYTES = 32;

/** The figures of these files as they were counted before, or as `count` counts them now. */
export async function figureCache(
  parts: readonly PartFile[],
  words: readonly string[],
  count: () => Promise<PieceFigures>,
): Promise<PieceFigures> {
  const state = stateOf(parts);
  // A file that is being written has no state that will be the same when it is read.
  if (state === null) return count();
  const file = join(FOLDER, PREFIX + hash('sha256', [FIGURES_FORMAT, process.version, state, ...words].join('\0')));
  const found = recall(file);
  if (found !== null) return found;
  const figures = await count();
  if (stateOf(parts) === state) remember(file, figures);
  return figures;
}

/** Our own files are named after their bytes, which were compared when they were opened; others are told by their stamps. */
function stateOf(parts: readonly PartFile[]): string | null {
  const stamps = new FileStamps();
  for (const { path, digest } of parts) if (digest === null) stamps.add(path, statSync(path), Date.now());
  if (stamps.changing) return null;
  return [...parts.flatMap(({ digest }) => digest ?? []), stamps.digest()].join(' ');
}

/** Null when they were never kept, or cut off or damaged since. */
function recall(file: string): PieceFigures | null {
  try {
    const bytes = readFileSync(file);
    const body = bytes.subarray(DIGEST_BYTES);
    if (!bytes.subarray(0, DIGEST_BYTES).equals(hash('sha256', body, 'buffer'))) return null;
    const figures: PieceFigures = deserialize(body);
    const now = new Date();
    utimesSync(file, now, now);
    return figures;
  } catch {
    return null;
  }
}

function remember(file: string, figures: PieceFigures): void {
  try {
    mkdirSync(FOLDER, { recursive: true });
    const body = serialize(figures);
    const written = openSync(`${file}.${process.pid}`, 'w', 0o600);
    for (const part of [hash('sha256', body, 'buffer'), body]) writeFileSync(written, part);
    closeSync(written);
    renameSync(`${file}.${process.pid}`, file);
    forgetOldest();
  } catch {
    // An installation that cannot be written to: the next run counts again.
  }
}

function forgetOldest(): void {
  const kept = readdirSync(FOLDER)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => ({ path: join(FOLDER, name), stat: statSync(join(FOLDER, name)) }))
    .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
  let bytes = 0;
  for (const { path, stat } of kept) {
    bytes += stat.size;
    if (bytes > MOST_BYTES) rmSync(path, { force: true });
  }
}
