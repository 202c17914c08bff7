import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isIntact, listParts } from './part-files.ts';

/*
 * A run that settled everything under its paths leaves a note, so that the next one need not open a hundred thousand files to
 * find nothing new. It is no part of the data: it lies where compiled code is cached, speaks of files by their stamps
 * (io/mail/file-stamps.ts), and counts only while every part of the store that it knew stands there intact.
 */

const FOLDER = fileURLToPath(new URL('../../../node_modules/.cache/postern', import.meta.url));

/** Each choice of paths leaves one; beyond, all are forgotten. */
const MOST_NOTES = 100;

export interface SettledInbox {
  /** Of every file under the paths, and of the configuration that says which domains are ours. */
  readonly stamps: string;
  readonly messages: number;
  /** Reports in them, all stored. */
  readonly reports: number;
}

/** `parts`: names of the stored parts. */
type Note = SettledInbox & { readonly parts: readonly string[] };

/** What was in these paths when all of it was last known to be stored, and still is; null when that is not known. */
export function recallSettled(dataDir: string, paths: readonly string[]): SettledInbox | null {
  try {
    const settled: Note = JSON.parse(readFileSync(noteOf(dataDir, paths), 'utf8'));
    const parts = listParts(dataDir);
    const names = new Set(parts.map(({ path }) => basename(path)));
    const known = settled.parts.every((name) => names.has(name));
    return known && parts.every((part) => part.digest !== null && isIntact(part)) ? settled : null;
  } catch {
    // Never written, or cut off while it was: then the files are read.
    return null;
  }
}

export function rememberSettled(dataDir: string, paths: readonly string[], settled: SettledInbox): void {
  const parts = listParts(dataDir).map(({ path }) => basename(path));
  const note = noteOf(dataDir, paths);
  try {
    mkdirSync(FOLDER, { recursive: true });
    const notes = readdirSync(FOLDER).filter((name) => name.startsWith('settled-'));
    if (notes.length > MOST_NOTES) for (const name of notes) rmSync(join(FOLDER, name), { force: true });
    writeFileSync(`${note}.${process.pid}`, JSON.stringify({ ...settled, parts } satisfies Note));
    renameSync(`${note}.${process.pid}`, note);
  } catch {
    // An installation that cannot be written to: the next run reads the files again.
  }
}

/** One note for each store and the paths that were asked for: it is written over when they are settled again. */
function noteOf(dataDir: string, paths: readonly string[]): string {
  return join(
    FOLDER,
    `settled-${hash('sha256', [dataDir, ...paths].map((path) => resolve(path)).join('\0')).slice(0, 32)}.json`,
  );
}
