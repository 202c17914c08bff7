import { type Entry, fromBufferPromise } from 'yauzl';
import { bomb, type Decompressed, growthLimit, tooLarge } from './gunzip.ts';
import { COMPRESSED_BYTES, type ReadFault, ZIP_ENTRIES } from './limits.ts';

export interface ZipMember {
  /** As written in the archive: for display only, never a path. */
  readonly name: string;
  readonly content: Decompressed;
}

/**
 * Every file of a zip archive, one after the other. Faults of the whole archive are thrown as `ZipFault`; those of one
 * member are its content. A member that lies about its size is found out while it is unpacked.
 */
export async function* unzip(bytes: Buffer, budget: number): AsyncGenerator<ZipMember> {
  if (bytes.length > COMPRESSED_BYTES) throw new ZipFault(tooLarge(bytes.length));
  const limit = growthLimit(bytes.length, budget);
  let left = limit;
  let seen = 0;
  try {
    // Names are not decoded and so not judged: none is ever used as a path.
    const archive = await fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: false });
    for await (const entry of archive.eachEntry()) {
      seen += 1;
      if (seen > ZIP_ENTRIES) {
        throw new ZipFault({ reason: 'zip-entries', message: `The zip holds more than ${ZIP_ENTRIES} files.` });
      }
      const name = Buffer.from(entry.fileNameRaw).toString('utf8');
      if (name.endsWith('/')) continue;
      const content = await readMember(() => archive.openReadStreamPromise(entry), entry, bytes.length, left);
      if (content.ok) left -= content.bytes.length;
      yield { name, content };
      if (!content.ok && content.reason === 'bomb') return;
    }
  } catch (error) {
    if (error instanceof ZipFault) throw error;
    throw new ZipFault({ reason: 'zip-damaged', message: `The zip cannot be read: ${firstLine(error)}` });
  }
}

/** A zip archive that cannot be read at all. */
export class ZipFault extends Error {
  readonly fault: ReadFault;
  constructor({ reason, message }: ReadFault) {
    super(message);
    this.fault = { reason, message };
  }
}

async function readMember(
  open: () => Promise<NodeJS.ReadableStream>,
  entry: Entry,
  archiveBytes: number,
  left: number,
): Promise<Decompressed> {
  if (entry.isEncrypted()) return { ok: false, reason: 'zip-encrypted', message: 'The zip is encrypted.' };
  if (entry.uncompressedSize > left) return bomb(archiveBytes, left);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of await open()) {
      length += (chunk as Buffer).length;
      if (length > left) return bomb(archiveBytes, left);
      chunks.push(chunk as Buffer);
    }
    return { ok: true, bytes: Buffer.concat(chunks, length) };
  } catch (error) {
    return { ok: false, reason: 'zip-damaged', message: `A file in the zip cannot be unpacked: ${firstLine(error)}` };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
}
