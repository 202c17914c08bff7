import { excerpt } from './excerpt.ts';
import type { Fault, Parsed } from './parsed.ts';

/** One TLSA record (RFC 6698 §2.1). The numbers are as published: see tlsaUsability for what they are worth. */
export interface TlsaRecord {
  /** 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 §2). */
  readonly usage: number;
  /** 0 Cert, 1 SPKI. */
  readonly selector: number;
  /** 0 Full, 1 SHA2-256, 2 SHA2-512. */
  readonly matching_type: number;
  /** The certificate association data in lower-case hex, at least one byte. */
  readonly data: string;
}

export type TlsaUsability =
  | { readonly usable: true; readonly lints: readonly Fault[] }
  | { readonly usable: false; readonly fault: Fault };

/** RFC 7218 §2: the acronyms may stand for the numbers. */
const ACRONYMS: readonly ReadonlyMap<string, number>[] = [
  new Map([
    ['pkix-ta', 0],
    ['pkix-ee', 1],
    ['dane-ta', 2],
    ['dane-ee', 3],
    ['privcert', 255],
  ]),
  new Map([
    ['cert', 0],
    ['spki', 1],
    ['privsel', 255],
  ]),
  new Map([
    ['full', 0],
    ['sha2-256', 1],
    ['sha2-512', 2],
    ['privmatch', 255],
  ]),
];
const FIELD_NAMES = ['usage', 'selector', 'matching type'] as const;
/** RDLENGTH is 16 bits (RFC 1035 §3.2.1); three bytes are the numbers. */
const MAX_DATA_BYTES = 65_532;
/** Hex, as much white space again, and the numbers. */
const MAX_TEXT = 4 * MAX_DATA_BYTES + 100;
const TOO_LONG: Fault = {
  code: 'tlsa-data',
  message: 'The data is longer than a DNS record can be (RFC 1035 §3.2.1).',
};

/** RFC 6698 §2.2 presentation: `3 1 1 <hex>`; the hex may be broken by white space, the numbers may be acronyms. */
export function parseTlsaText(text: string): Parsed<TlsaRecord> {
  if (text.length > MAX_TEXT) return { ok: false, faults: [TOO_LONG] };
  const words = text.trim().split(/[ \t\r\n]+/);
  const faults: Fault[] = [];
  const [usage = 0, selector = 0, matching_type = 0] = FIELD_NAMES.map((field, i) => {
    const word = words[i] ?? '';
    const number = ACRONYMS[i]?.get(word.toLowerCase()) ?? (/^\d{1,3}$/.test(word) ? Number(word) : 256);
    if (number > 255) {
      const message = `The ${field} is \`${excerpt(word)}\`; it must be a number from 0 to 255 or its acronym (RFC 6698 §2.2).`;
      faults.push({ code: `tlsa-${field.replace(' ', '-')}`, message });
    }
    return number;
  });
  const data = words.slice(3).join('').toLowerCase();
  if (!/^(?:[0-9a-f]{2})+$/.test(data)) {
    const message = `The data is \`${excerpt(data)}\`; it must be an even number of hex digits, at least two (RFC 6698 §2.2).`;
    faults.push({ code: 'tlsa-data', message });
  } else if (data.length > 2 * MAX_DATA_BYTES) {
    faults.push(TOO_LONG);
  }
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, value: { usage, selector, matching_type, data }, lints: [] };
}

/** RFC 6698 §2.1 wire form: three bytes, then the data. */
export function parseTlsaRdata(rdata: Uint8Array): Parsed<TlsaRecord> {
  const [usage, selector, matching_type] = rdata;
  if (usage === undefined || selector === undefined || matching_type === undefined || rdata.length < 4) {
    const message = `The record has ${rdata.length} bytes; three numbers and some data are needed (RFC 6698 §2.1).`;
    return { ok: false, faults: [{ code: 'tlsa-short', message }] };
  }
  if (rdata.length > MAX_DATA_BYTES + 3) return { ok: false, faults: [TOO_LONG] };
  return { ok: true, value: { usage, selector, matching_type, data: hex(rdata.subarray(3)) }, lints: [] };
}

/** RFC 6698 §2.2 presentation with numbers and lower-case hex in one piece. */
export function renderTlsaRecord(record: TlsaRecord): string {
  return `${record.usage} ${record.selector} ${record.matching_type} ${record.data}`;
}

/**
 * Can a DANE client of SMTP authenticate by this record (RFC 6698 §4.1, RFC 7672 §3.1)? An unusable record is passed
 * over; it does not spoil the others of its set. Lints: what is usable and still unwise to publish.
 */
export function tlsaUsability(record: TlsaRecord): TlsaUsability {
  const { usage, selector, matching_type, data } = record;
  const shown = `${usage} ${selector} ${matching_type}`;
  const unusable = (code: string, message: string): TlsaUsability => ({ usable: false, fault: { code, message } });

  if (usage === 0 || usage === 1) {
    return unusable(
      'tlsa-pkix',
      `\`${shown}\`: usages 0 and 1 authenticate nothing in SMTP; use 3 1 1 (RFC 7672 §3.1.3).`,
    );
  }
  if (usage > 3) return unusable('tlsa-usage', `\`${shown}\`: usage ${usage} is not known (RFC 6698 §2.1.1).`);
  if (selector > 1)
    return unusable('tlsa-selector', `\`${shown}\`: selector ${selector} is not known (RFC 6698 §2.1.2).`);
  if (matching_type > 2) {
    return unusable(
      'tlsa-matching-type',
      `\`${shown}\`: matching type ${matching_type} is not known (RFC 6698 §2.1.3).`,
    );
  }
  const bytes = data.length / 2;
  const needed = [null, 32, 64][matching_type] ?? null;
  if (needed !== null && bytes !== needed) {
    return unusable(
      'tlsa-length',
      `\`${shown}\` has ${bytes} bytes of data; its digest has ${needed} (RFC 6698 §4.1).`,
    );
  }
  // A certificate and a SubjectPublicKeyInfo are both a DER SEQUENCE (RFC 5280 §4.1).
  if (needed === null && !data.startsWith('30')) {
    return unusable(
      'tlsa-full',
      `\`${shown}\`: the data is not a ${selector === 0 ? 'certificate' : 'public key'} in DER (RFC 6698 §4.1).`,
    );
  }
  const lints: Fault[] = [];
  if (matching_type === 0) {
    lints.push({
      code: 'tlsa-full',
      message: `\`${shown}\` publishes the full data; use a SHA2-256 digest (RFC 7671 §10.1.2).`,
    });
  }
  return { usable: true, lints };
}

/** The owner name of the TLSA records of an MX host: `_25._tcp.<host>` (RFC 7672 §2.2.3). */
export function tlsaOwnerName(host: string): string {
  return `_25._tcp.${host}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
