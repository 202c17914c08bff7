import { crc32, inflateRawSync } from 'node:zlib';

const FIXED_HEADER = 10;
const TRAILER = 8;
/** Flags of a member's header (RFC 1952 §2.3.1). */
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16 };

/**
 * What the whole members at the beginning of a gzip unpack to, and how many bytes follow that are none (RFC 1952 §2.2); null
 * when it does not begin with one, or a later one is damaged. Throws what zlib throws when they grow beyond `limit`.
 */
export function leadingMembers(
  bytes: Uint8Array,
  limit: number,
): { readonly content: Buffer; readonly rest: number } | null {
  const contents: Buffer[] = [];
  let at = 0;
  let grown = 0;
  for (let start = deflatedAt(bytes, at); start !== null; start = deflatedAt(bytes, at)) {
    const member = inflate(bytes.subarray(start), limit - grown);
    const end = member === null ? bytes.length : start + member.read;
    if (member === null || end + TRAILER > bytes.length) break;
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER);
    const { content } = member;
    if (trailer.getUint32(0, true) !== crc32(content) || trailer.getUint32(4, true) !== content.length) break;
    contents.push(content);
    grown += content.length;
    at = end + TRAILER;
  }
  // What looks like a member and is none is damage, not something that follows.
  const isDamaged = bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
  return contents.length === 0 || isDamaged ? null : { content: Buffer.concat(contents), rest: bytes.length - at };
}

/** Where the compressed data of the member at `at` begins; null when none does. */
function deflatedAt(bytes: Uint8Array, at: number): number | null {
  if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return null;
  const flags = bytes[at + 3] ?? 0;
  let next = at + FIXED_HEADER;
  if (flags & FLAG.extra) next += 2 + (bytes[next] ?? 0) + 256 * (bytes[next + 1] ?? 0);
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, next);
    if (zero < 0) return null;
    next = zero + 1;
  }
  if (flags & FLAG.headerCrc) next += 2;
  return next < bytes.length ? next : null;
}

function inflate(bytes: Uint8Array, limit: number): { readonly content: Buffer; readonly read: number } | null {
  try {
    // With `info` it tells how much it read: @types/node does not know the answer's shape.
    const { buffer, engine } = inflateRawSync(bytes, {
      maxOutputLength: Math.max(1, limit),
      info: true,
    }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { content: buffer, read: engine.bytesWritten };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error;
    return null;
  }
}
