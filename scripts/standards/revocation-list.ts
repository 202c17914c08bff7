import { DER, type DerValue, derAt, derChildren, derHex, derTime } from './der.ts';

/** A certificate revocation list (RFC 5280 §5), as far as it is needed to look up one serial. */
export interface RevocationList {
  /** What is signed. */
  readonly signed: Uint8Array;
  /** OID of the signature algorithm as hex of its DER content. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
  /** Milliseconds since the epoch; `nextUpdate` is null where it is left out. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  /** When this serial was revoked, in milliseconds; null when it is not listed. */
  readonly revokedAt: (serial: string) => number | null;
}

/** From DER; null when it is no list of version 1 or 2. */
export function parseRevocationList(bytes: Uint8Array): RevocationList | null {
  const [tbs, algorithm, signature] = [...derChildren(derAt(bytes)?.content ?? new Uint8Array(0))];
  if (tbs?.tag !== DER.sequence || algorithm?.tag !== DER.sequence || signature?.tag !== DER.bitString) return null;
  const oid = derAt(algorithm.content);
  const fields = [...derChildren(tbs.content)];
  if (fields[0]?.tag === DER.integer) fields.shift();
  const [, issuer, thisUpdate, ...rest] = fields;
  const since = thisUpdate === undefined ? null : derTime(thisUpdate);
  if (oid?.tag !== DER.oid || issuer?.tag !== DER.sequence || since === null) return null;
  const until = rest[0] === undefined ? null : derTime(rest[0]);
  const entries = rest.find(({ tag }) => tag === DER.sequence);
  return {
    signed: tbs.whole,
    algorithm: derHex(oid.content),
    signature: signature.content.subarray(1),
    issuer: issuer.whole,
    thisUpdate: since,
    nextUpdate: until,
    revokedAt: (serial) => (entries === undefined ? null : revokedAt(entries, serial)),
  };
}

/** Entries are read one by one: a list may hold a hundred thousand. */
function revokedAt(entries: DerValue, serial: string): number | null {
  const wanted = bareSerial(serial);
  for (const entry of derChildren(entries.content)) {
    const number = derAt(entry.content);
    if (number?.tag !== DER.integer || bareSerial(derHex(number.content)) !== wanted) continue;
    const date = derAt(entry.content, number.whole.length);
    return (date === null ? null : derTime(date)) ?? 0;
  }
  return null;
}

function bareSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+(?=.)/, '');
}
