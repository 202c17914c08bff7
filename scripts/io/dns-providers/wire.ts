/** Parts of DNS messages that UPDATE needs byte by byte (RFC 1035 §4.1, RFC 2136 §2.3); the rest is dns-packet's. */

/** Uncompressed, in lower case: the canonical form that signatures are made over (RFC 8945 §4.3.3). */
export function nameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.toLowerCase().split('.');
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > 63) throw new RangeError(`no DNS name: ${name}`);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** Where a name ends, compressed or not. */
export function skipName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
    if (length === 0) return at;
  }
}

export interface WireRecord {
  readonly type: number;
  readonly data: Buffer;
  /** Offsets of the record in the message. */
  readonly start: number;
  readonly end: number;
}

export function readRecord(message: Buffer, start: number): WireRecord {
  const at = skipName(message, start);
  const type = message.readUInt16BE(at);
  const end = at + 10 + message.readUInt16BE(at + 8);
  if (end > message.length) throw new RangeError('a record that ends behind the message');
  return { type, data: message.subarray(at + 10, end), start, end };
}

/** One record of an UPDATE: also without data, as deletions and prerequisites are written. */
export function recordBytes(
  name: string,
  {
    type,
    class: of,
    ttl,
    data,
  }: { readonly type: number; readonly class: number; readonly ttl: number; readonly data: Buffer },
): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(of, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), head, data]);
}
