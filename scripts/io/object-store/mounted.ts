import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readText, writeText } from '../files/write-text.ts';

/** What the folder came from, as the bucket had it: by path the ETag and the content's hash, and the text of what may be joined. */
export interface Mounted {
  readonly files: Readonly<Record<string, { readonly etag: string; readonly sha256: string }>>;
  readonly texts: Readonly<Record<string, string>>;
}

const NOTHING: Mounted = { files: {}, texts: {} };

/** Nothing when this folder came from nowhere, or from another bucket. */
export function readMounted(root: string, url: string): Mounted {
  const text = readText(mountedFile(root));
  if (text === null) return NOTHING;
  const known = JSON.parse(text) as { readonly url: string } & Mounted;
  return known.url === url ? { files: known.files, texts: known.texts } : NOTHING;
}

export function writeMounted(root: string, url: string, mounted: Mounted): void {
  writeText(mountedFile(root), `${JSON.stringify({ url, ...mounted })}\n`);
}

/** Every file of the folder that is kept, with its hash. */
export function hashFolder(data: string, isKept: (path: string) => boolean): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(data, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isKept(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.set(path, contentHash(readFileSync(join(data, path))));
    }
  };
  mkdirSync(data, { recursive: true });
  walk('');
  return found;
}

export function readContent(data: string, path: string): Uint8Array {
  return readFileSync(join(data, path));
}

export function writeContent(data: string, path: string, content: Uint8Array): void {
  const target = join(data, path);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, target);
}

export function removeContent(data: string, path: string): void {
  rmSync(join(data, path), { force: true });
}

export function contentHash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function mountedFile(root: string): string {
  return join(root, '.cache', 'data-store.json');
}
