import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ManifestFile } from '../../core/month/manifest.ts';
import { readText } from '../files/write-text.ts';
import { listParts, type PartStore } from '../store/part-files.ts';

const MANIFEST = 'manifest.json';
const MONTH = /^\d{4}-\d{2}$/;

/** `data/months/<period>/`. */
export function monthFolder(dataDir: string, period: string): string {
  return join(dataDir, 'months', period);
}

/** The frozen months, oldest first: those that have their manifest. */
export function listFrozenMonths(dataDir: string): readonly string[] {
  const months = join(dataDir, 'months');
  if (!existsSync(months)) return [];
  return readdirSync(months)
    .filter((name) => MONTH.test(name) && existsSync(join(months, name, MANIFEST)))
    .sort();
}

/** The text of a manifest, or null. */
export function readManifestText(dataDir: string, period: string): string | null {
  return readText(join(monthFolder(dataDir, period), MANIFEST));
}

/** An empty folder in which a month is put together. What a killed run left there goes. */
export function stageMonth(dataDir: string, period: string): string {
  const staging = join(dataDir, 'months', `.staging-${period}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  return staging;
}

/** Makes the staged month the frozen one, at once. */
export function commitMonth(dataDir: string, period: string): void {
  const folder = monthFolder(dataDir, period);
  // A folder without manifest was never frozen: restatements alone do not make one.
  if (existsSync(folder) && !existsSync(join(folder, MANIFEST))) rmSync(folder, { recursive: true });
  renameSync(join(dataDir, 'months', `.staging-${period}`), folder);
}

export function discardStaged(dataDir: string, period: string): void {
  rmSync(join(dataDir, 'months', `.staging-${period}`), { recursive: true, force: true });
}

/** Writes files under a folder, with the folders in between. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

/** Every file under a folder, by name, with its hash and size. */
export function listHashed(folder: string, prefix = ''): readonly ManifestFile[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return listHashed(folder, path);
      const bytes = readFileSync(join(folder, path));
      return [{ path, sha256: sha256Of(bytes), bytes: bytes.length }];
    });
}

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What was stated last of a frozen month: its figures, or those of the newest restatement. */
export function newestStatement(dataDir: string, period: string): { readonly figures: unknown } {
  const folder = monthFolder(dataDir, period);
  const restatements = join(folder, 'restatements');
  const newest = existsSync(restatements)
    ? readdirSync(restatements)
        .filter((name) => /^\d{4}-\d{2}-\d{2}\.json$/.test(name))
        .sort()
        .at(-1)
    : undefined;
  if (newest === undefined) return { figures: JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8')) };
  return JSON.parse(readFileSync(join(restatements, newest), 'utf8')) as { readonly figures: unknown };
}

/** The months with stored reports or observations, `2026-09`. */
export function monthsWithRows(dataDir: string): ReadonlySet<string> {
  const stores: readonly PartStore[] = ['reports', 'observations'];
  return new Set(stores.flatMap((store) => listParts(dataDir, store).map(({ month }) => month)));
}
