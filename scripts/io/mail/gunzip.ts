import { gunzipSync } from 'node:zlib';
import { leadingMembers } from './gzip-members.ts';
import { COMPRESSED_BYTES, DECOMPRESSED_BYTES, megabytes, RATIO, RATIO_FREE_BYTES, type ReadFault } from './limits.ts';

/** `rest`: a fault of what follows the content; the content itself is whole. */
export type Decompressed =
  | { readonly ok: true; readonly bytes: Buffer; readonly rest?: ReadFault }
  | ({ readonly ok: false } & ReadFault);

/**
 * gzip, also of several members (RFC 1952 §2.2). `budget` is how many bytes the source may still grow to. Faults:
 * `compressed-too-large`, `bomb`, `gzip-truncated`, `gzip-damaged`.
 */
export function gunzip(bytes: Uint8Array, budget: number): Decompressed {
  if (bytes.length > COMPRESSED_BYTES) return tooLarge(bytes.length);
  const limit = growthLimit(bytes.length, budget);
  try {
    return unpack(bytes, limit);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return bomb(bytes.length, limit);
    if (code === 'Z_BUF_ERROR') {
      return { ok: false, reason: 'gzip-truncated', message: 'The gzip ends in the middle: part of it is missing.' };
    }
    return { ok: false, reason: 'gzip-damaged', message: `The gzip cannot be unpacked (${code ?? 'unknown error'}).` };
  }
}

function unpack(bytes: Uint8Array, limit: number): Decompressed {
  try {
    return { ok: true, bytes: gunzipSync(bytes, { maxOutputLength: limit, chunkSize: firstChunk(bytes) }) };
  } catch (error) {
    // zlib takes whatever follows a member for the next one, and refuses the sound one with it.
    if ((error as NodeJS.ErrnoException).code !== 'Z_DATA_ERROR') throw error;
    const members = leadingMembers(bytes, limit);
    if (members === null) throw error;
    const message = `${members.rest} bytes follow the gzip that are none of it.`;
    return { ok: true, bytes: members.content, rest: { reason: 'gzip-rest', message } };
  }
}

/**
 * The first buffer: what the gzip announces, when that is a size for a report. Node's own 16 KB for every report of 700 bytes
 * would keep the garbage collector busy.
 */
function firstChunk(bytes: Uint8Array): number {
  return Math.min(Math.max(announcedSize(bytes) + 1, 1024), 64 * 1024);
}

/** The size of the output of the last member, as its last four bytes tell it (RFC 1952 §2.3.1): a claim. */
export function announcedSize(bytes: Uint8Array): number {
  const at = bytes.length - 4;
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}

/** What so many compressed bytes may become, when `budget` is left. */
export function growthLimit(compressed: number, budget: number): number {
  return Math.max(1, Math.min(budget, DECOMPRESSED_BYTES, RATIO_FREE_BYTES + compressed * RATIO));
}

export function tooLarge(bytes: number): { readonly ok: false } & ReadFault {
  const message = `${megabytes(bytes)} compressed; at most ${megabytes(COMPRESSED_BYTES)} are read.`;
  return { ok: false, reason: 'compressed-too-large', message };
}

export function bomb(compressed: number, limit: number): { readonly ok: false } & ReadFault {
  const message = `${compressed} bytes unpack to more than ${limit}: no report is like that.`;
  return { ok: false, reason: 'bomb', message };
}
