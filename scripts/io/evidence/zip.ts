import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** Every file gets this time, so that the same files are the same archive. */
const FIXED_TIME = new Date('1980-01-01T00:00:00Z');
const MAX_ENTRIES = 100_000;
const MAX_BYTES = 4 * 2 ** 30;
/** Ours are stored as they are; somebody may have packed the same files again, but tables do not shrink like this. */
const MAX_RATIO = 200;
const MANY_BYTES = 16 * 2 ** 20;
const TOO_DENSE = `It would unpack to more than ${MAX_RATIO} times its size.`;

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

export interface ZipMember {
  readonly path: string;
  /** Unpacked, as the archive says; more than that is never unpacked. */
  readonly bytes: number;
}

export type Unpacked =
  | { readonly ok: true; readonly refused: readonly { readonly path: string; readonly why: string }[] }
  /** It is no archive, is cut off, or is built to do harm. */
  | { readonly ok: false; readonly why: string };

/**
 * Unpacks an archive that somebody handed over, `first` before everything else. `refusal` says, before a byte is unpacked, why
 * a member is left out, or null. Bounded in number, size and ratio; a name that leads out of its folder is refused by yauzl.
 */
export async function unpackZip(
  archivePath: string,
  folder: string,
  { first, refusal }: { readonly first: string; readonly refusal: (member: ZipMember) => string | null },
): Promise<Unpacked> {
  const refused: { readonly path: string; readonly why: string }[] = [];
  let archive: Awaited<ReturnType<typeof openPromise>> | null = null;
  try {
    archive = await openPromise(archivePath, { lazyEntries: true, autoClose: false });
    let left = MAX_BYTES;
    for (const entry of await membersOf(archive, first)) {
      const { fileName: path, uncompressedSize: bytes, compressedSize: packed } = entry;
      const target = join(folder, path);
      const why = bytes > MANY_BYTES && bytes > packed * MAX_RATIO ? TOO_DENSE : refusal({ path, bytes });
      if (why !== null || existsSync(target)) {
        refused.push({ path, why: why ?? 'It stands in the archive twice.' });
        continue;
      }
      left -= bytes;
      if (left < 0) return { ok: false, why: `it holds more than ${MAX_BYTES} bytes` };
      mkdirSync(dirname(target), { recursive: true });
      // yauzl ends the stream at the size that the archive says.
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }));
    }
    return { ok: true, refused };
  } catch (error) {
    if (!(error instanceof Error) || 'syscall' in error) throw error;
    return { ok: false, why: error.message.split('\n')[0] ?? '' };
  } finally {
    archive?.close();
  }
}

async function membersOf(archive: Awaited<ReturnType<typeof openPromise>>, first: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (entries.length >= MAX_ENTRIES) throw new Error(`it holds more than ${MAX_ENTRIES} files`);
    entries.push(entry);
  }
  return [
    ...entries.filter(({ fileName }) => fileName === first),
    ...entries.filter(({ fileName }) => fileName !== first),
  ];
}
