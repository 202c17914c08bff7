/** Distinguished encoding (X.690 §10), read without copying: values are windows into the given bytes. */

export interface DerValue {
  /** The identifier octet: class, constructed bit and number. Numbers above 30 do not occur in certificates. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly whole: Uint8Array;
}

export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The value that starts at `offset`; null where the bytes end early or the length is none. */
export function derAt(bytes: Uint8Array, offset = 0): DerValue | null {
  const tag = bytes[offset];
  let length = bytes[offset + 1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) return null;
  let start = offset + 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 4) return null;
    length = 0;
    for (let index = 0; index < octets; index += 1) length = length * 256 + (bytes[start + index] ?? 0);
    start += octets;
  }
  const end = start + length;
  if (end > bytes.length) return null;
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

/** What a constructed value holds, one after the other, as it is asked for; ends early where the bytes make no sense. */
export function* derChildren(content: Uint8Array): Generator<DerValue> {
  for (let offset = 0; offset < content.length; ) {
    const value = derAt(content, offset);
    if (value === null) return;
    yield value;
    offset += value.whole.length;
  }
}

export function derHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 allows them, in milliseconds since the epoch; null for others. */
export function derTime({ tag, content }: DerValue): number | null {
  const text = String.fromCharCode(...content.subarray(0, 20));
  const long = tag === DER.generalizedTime;
  if (!(long ? /^\d{14}Z$/ : /^\d{12}Z$/).test(text)) return null;
  const year = long ? text.slice(0, 4) : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text.slice(0, 2)}`;
  const [month, day, hour, minute, second] = text.slice(long ? 4 : 2).match(/\d\d/g) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? null : ms;
}
