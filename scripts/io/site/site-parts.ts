import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { SitePart } from '../../core/site/site-part.ts';

const DESCRIPTION = 'part.json';
/** Below the folder of the sites. */
export const PARTS = 'parts';

export function writePart(folder: string, part: SitePart): void {
  writeFileSync(join(folder, DESCRIPTION), `${JSON.stringify(part, null, 1)}\n`);
}

/** The folders directly below that hold a part of a site, by name. */
export function findParts(folder: string): readonly { readonly folder: string; readonly part: SitePart }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, DESCRIPTION)))
    .map((path) => ({ folder: path, part: readPart(join(path, DESCRIPTION)) }));
}

/** Written by `writePart`, whole or not at all. */
function readPart(file: string): SitePart {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SitePart;
  } catch (cause) {
    throw new PosternError('part-unreadable', `${file} describes no part of a site.`, {
      hint: 'build this part again',
      exit: 3,
      cause,
    });
  }
}

/**
 * Puts the files of a part beside those of the others, and leaves the part as it is. What is in several, such as styles, is the
 * same in all; the path of one that is not is returned.
 */
export function addPart(part: string, whole: string): string | null {
  for (const entry of readdirSync(part, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = relative(part, from);
    if (path === DESCRIPTION) continue;
    const to = join(whole, path);
    if (existsSync(to)) {
      if (!readFileSync(from).equals(readFileSync(to))) return path;
      continue;
    }
    mkdirSync(dirname(to), { recursive: true });
    linkOrCopy(from, to);
  }
  return null;
}

/** Removes parts that were joined, and the folder they stood in when there is no other. */
export function removeParts(folder: string, parts: readonly string[]): void {
  for (const part of parts) rmSync(part, { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** A part may lie on another file system, or on one without hard links. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
