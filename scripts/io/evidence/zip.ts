import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { PosternError } from '../../core/failure.ts';

/** Every file gets this time, so that the same files are the same archive. */
const FIXED_TIME = new Date('1980-01-01T00:00:00Z');
const MAX_ENTRIES = 100_000;
const MAX_BYTES = 4 * 2 ** 30;

export interface ZipContent {
  /** Relative, with `/`. */
  readonly path: string;
  /** The bytes, or the file that holds them. */
  readonly from: Uint8Array | { readonly file: string };
}

/**
 * Writes a zip under a temporary name and renames it. Entries are stored, not compressed, in the order of their names: the
 * bytes then depend on nothing but the contents, whatever version of zlib there is.
 */
export async function writeZip(target: string, contents: readonly ZipContent[]): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const zip = new ZipFile();
    const options = { mtime: FIXED_TIME, mode: 0o100644, compress: false, forceDosTimestamp: true };
    for (const { path, from } of [...contents].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const bytes = from instanceof Uint8Array ? Buffer.from(from) : await readFile(from.file);
      zip.addBuffer(bytes, path, options);
    }
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(temporary, { flags: 'wx' }));
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Every file of an archive that somebody handed over, one after the other. Bounded in number and size; a name that leads
 * out of its folder is refused by yauzl.
 * @throws PosternError `bundle-unreadable` (exit 2)
 */
export async function* readZip(path: string): AsyncGenerator<{ readonly path: string; readonly bytes: Buffer }> {
  let left = MAX_BYTES;
  let entries = 0;
  try {
    const archive = await openPromise(path, { lazyEntries: true });
    for await (const entry of archive.eachEntry()) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw new Error(`it holds more than ${MAX_ENTRIES} files`);
      if (entry.fileName.endsWith('/')) continue;
      const bytes = await contentOf(() => archive.openReadStreamPromise(entry), entry, left);
      left -= bytes.length;
      yield { path: entry.fileName, bytes };
    }
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new PosternError('bundle-unreadable', `${path} cannot be read as a zip archive: ${why}`, {
      hint: 'name the .zip as it was received, or the folder it was unpacked into',
      exit: 2,
      cause,
    });
  }
}

async function contentOf(open: () => Promise<NodeJS.ReadableStream>, entry: Entry, left: number): Promise<Buffer> {
  if (entry.uncompressedSize > left) throw new Error(`it holds more than ${MAX_BYTES} bytes`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of await open()) {
    length += (chunk as Buffer).length;
    if (length > left) throw new Error(`it holds more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks, length);
}
