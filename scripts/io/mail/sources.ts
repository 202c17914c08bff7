import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { type ContentKind, contentKind } from './content-kind.ts';
import type { FileStamps } from './file-stamps.ts';
import { COMPRESSED_BYTES, DECOMPRESSED_BYTES, MESSAGE_BYTES, megabytes } from './limits.ts';
import { type MboxMessage, readMbox } from './mbox.ts';

/** One mail or report file, or what stands where one could be. `name` is a path, for people. */
export type Source =
  | {
      readonly kind: 'content';
      readonly name: string;
      /** Without folders: some reporters say the policy domain only here. */
      readonly fileName: string;
      /** What somebody could have mailed is mail; a report file is taken as handed over by the operator. */
      readonly provenance: 'mail' | 'file' | 'https';
      readonly bytes: Buffer;
    }
  | {
      readonly kind: 'too-large';
      readonly name: string;
      readonly message: string;
      /** Where its bytes are, or the beginning of them. */
      readonly raw: Buffer | { readonly file: Path; readonly start: number; readonly length: number };
    }
  | { readonly kind: 'unreadable'; readonly name: string; readonly message: string }
  | { readonly kind: 'passed-over'; readonly why: 'symlink' | 'special-file' };

/** A name that is not UTF-8 stays the bytes it is. */
type Path = string | Buffer;

/** A file up to this size is read at once, before anything is known of it. */
const WHOLE_BYTES = 2 ** 20;

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** What a file of this kind may be at most. */
const BYTES: Readonly<Record<ContentKind, number>> = {
  gzip: COMPRESSED_BYTES,
  zip: COMPRESSED_BYTES,
  json: DECOMPRESSED_BYTES,
  mail: MESSAGE_BYTES,
  mbox: Number.POSITIVE_INFINITY,
  dmarc: MESSAGE_BYTES,
  empty: MESSAGE_BYTES,
  unknown: MESSAGE_BYTES,
};

/**
 * Everything under a path, one after the other: a report file, a mail, an mbox, a Maildir, or a folder of them, which is
 * read recursively in the order of its names, without dot files and without following links. `stamps` takes the stamp of each
 * file before it is read. Throws when there is nothing at the path.
 */
export function* readSources(path: string, stamps: FileStamps | null = null): Generator<Source> {
  const stat = statSync(path);
  if (stat.isDirectory()) yield* readFolder(path, path, stamps);
  else yield* spread(readEntry(path, path, 'file', stat, 0, stamps));
}

function* readFolder(folder: Path, name: string, stamps: FileStamps | null): Generator<Source> {
  const entries = entriesOf(folder);
  if (entries === null) {
    yield { kind: 'unreadable', name, message: 'The folder cannot be read.' };
    return;
  }
  const isMaildir = ['cur', 'new'].every((part) => entries.some((entry) => entry.name === part && entry.isDirectory()));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = joined(folder, entry);
    const inner = `${name}/${entry.name}`;
    if (isMaildir) {
      // Delivery in progress is in tmp; the files beside the folders are the mail server's own.
      if (entry.name !== 'tmp' && entry.isDirectory()) yield* readMaildirFolder(path, inner, entry.name, stamps);
    } else if (entry.isDirectory()) yield* readFolder(path, inner, stamps);
    else yield* spread(readEntry(path, inner, 'file', entry, NO_FOLLOW, stamps));
  }
}

/** `cur` and `new` hold one message in each file, whatever it looks like; anything else is a subfolder. */
function* readMaildirFolder(folder: Path, name: string, part: string, stamps: FileStamps | null): Generator<Source> {
  if (part !== 'cur' && part !== 'new') {
    yield* readFolder(folder, name, stamps);
    return;
  }
  const entries = entriesOf(folder);
  if (entries === null) {
    yield { kind: 'unreadable', name, message: 'The folder cannot be read.' };
    return;
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.isDirectory()) continue;
    yield* spread(readEntry(joined(folder, entry), `${name}/${entry.name}`, 'mail', entry, NO_FOLLOW, stamps));
  }
}

function readEntry(
  path: Path,
  name: string,
  provenance: 'mail' | 'file',
  type: EntryType,
  flags: number,
  stamps: FileStamps | null,
): Source | Generator<Source> {
  if (type.isSymbolicLink()) return { kind: 'passed-over', why: 'symlink' };
  if (!type.isFile()) return { kind: 'passed-over', why: 'special-file' };
  let fd = -1;
  try {
    // Without O_NONBLOCK a named pipe put in place of the file would hold the run for ever.
    fd = openSync(path, constants.O_RDONLY | flags | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd);
    const { size } = stat;
    stamps?.add(name, stat, Date.now());
    const head = readBytes(fd, Math.min(size, WHOLE_BYTES));
    const kind = contentKind(head);
    if (kind === 'mbox') return readMboxFile(path, name);
    if (size > BYTES[kind]) {
      const message = `${megabytes(size)}; at most ${megabytes(BYTES[kind])} are read of a file like this.`;
      return { kind: 'too-large', name, message, raw: { file: path, start: 0, length: size } };
    }
    const bytes = size <= head.length ? head : readBytes(fd, size);
    return {
      kind: 'content',
      name,
      fileName: name.slice(name.lastIndexOf('/') + 1),
      provenance: kind === 'mail' ? 'mail' : provenance,
      bytes,
    };
  } catch (error) {
    return unreadable(name, error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function* spread(found: Source | Generator<Source>): Generator<Source> {
  if ('kind' in found) yield found;
  else yield* found;
}

function* readMboxFile(path: Path, name: string): Generator<Source> {
  const fd = openSync(path, 'r');
  try {
    let number = 0;
    for (const message of readMbox(fd)) {
      number += 1;
      yield fromMbox(message, `${name}#${number}`, path);
    }
  } catch (error) {
    yield unreadable(name, error);
  } finally {
    closeSync(fd);
  }
}

function fromMbox(message: MboxMessage, name: string, file: Path): Source {
  if (message.bytes !== null && message.bytes.length <= MESSAGE_BYTES) {
    return { kind: 'content', name, fileName: '', provenance: 'mail', bytes: message.bytes };
  }
  const text = `A message of more than ${megabytes(MESSAGE_BYTES)}.`;
  const { start, length } = message;
  return { kind: 'too-large', name, message: text, raw: { file, start, length } };
}

/** A failure of the system is told; one of ours is thrown. */
function unreadable(name: string, error: unknown): Source {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return { kind: 'unreadable', name, message: `The file cannot be read (${code}).` };
}

/** The first `length` bytes, or fewer when the file has become shorter. */
function readBytes(fd: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(fd, bytes, at, length - at, at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

type EntryType = Pick<Dirent, 'isFile' | 'isSymbolicLink'>;
type Entry = Dirent<string> & { readonly bytes?: Buffer };

/** The entries of a folder in the order of their names; null when it cannot be read. */
function entriesOf(folder: Path): readonly Entry[] | null {
  try {
    const entries: Entry[] = readdirSync(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.some(({ name }) => name.includes('\ufffd')) ? withBytes(folder) : entries;
  } catch {
    return null;
  }
}

/** Names that are not UTF-8 can only be opened by their bytes. */
function withBytes(folder: Path): readonly Entry[] {
  const exact = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  return exact
    .map((entry) => Object.assign(entry as unknown as Entry, { name: entry.name.toString('utf8'), bytes: entry.name }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
}

function joined(folder: Path, { name, bytes }: Entry): Path {
  if (bytes === undefined && typeof folder === 'string') return `${folder}/${name}`;
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), bytes ?? Buffer.from(name)]);
}
