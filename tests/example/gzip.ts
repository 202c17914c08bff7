import { crc32 } from 'node:zlib';

const STORED_MAXIMUM = 0xffff;

/**
 * A gzip member (RFC 1952) of stored blocks (RFC 1951 §3.2.4): nothing is compressed.
 * zlib's compressed bytes, and its OS byte, differ between versions and platforms; these depend on this file alone,
 * so that a test can compare the committed mailbox with a fresh one byte for byte. The price is a third more base64.
 * Real deflate streams are in `data/inbox/real/`.
 */
export function gzipStored(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let from = 0; from === 0 || from < content.length; from += STORED_MAXIMUM) {
    const block = content.subarray(from, from + STORED_MAXIMUM);
    const head = Buffer.alloc(5);
    head.writeUInt8(from + STORED_MAXIMUM >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(content), 0);
  tail.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([...parts, tail]);
}
