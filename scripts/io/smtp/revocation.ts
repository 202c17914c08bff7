import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Instant } from '../../core/clock.ts';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import type { RevocationState } from '../../core/probe/smtp-look.ts';
import { parseRevocationList, type RevocationList } from '../../standards/revocation-list.ts';
import type { Trust } from '../net/trust.ts';
import type { FetchNamed } from './fetch-issuer.ts';

/** The lists of public CAs are split into parts of about a megabyte. */
export const LIST_BYTES = 12 * 2 ** 20;
/** Lists held for the certificates that come after; the oldest goes first. */
const HELD_BYTES = 48 * 2 ** 20;

/** Hash by the DER content of the signature algorithm's OID; null: the key says it. */
const HASHES: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

export interface Revocation {
  readonly state: RevocationState;
  readonly detail: string;
}

/** Asks whether a certificate is on the list it names; each list is fetched once. */
export interface RevocationLists {
  readonly check: (certificate: SentCertificate, issuer: SentCertificate | null) => Promise<Revocation>;
}

type Held = { readonly list: RevocationList } | { readonly fault: string };

export function openRevocationLists(fetchNamed: FetchNamed, trust: Trust, now: Instant): RevocationLists {
  const held = new Map<string, Promise<Held>>();
  const sizes = new Map<string, number>();
  const listAt = (url: string): Promise<Held> => {
    const known = held.get(url);
    if (known !== undefined) return known;
    const fetched = fetchNamed(url).then((answer): Held => {
      if (answer.status !== 'ok') return { fault: answer.detail };
      const list = parseRevocationList(answer.bytes);
      if (list === null) return { fault: 'no revocation list' };
      sizes.set(url, answer.bytes.length);
      forgetOldest(held, sizes);
      return { list };
    });
    held.set(url, fetched);
    return fetched;
  };
  return {
    check: async (certificate, issuer) => {
      let detail = 'names no list';
      for (const url of certificate.revocation_lists) {
        const answer = await listAt(url);
        if ('fault' in answer) detail = `${url}: ${answer.fault}`;
        else {
          const fault = faultOf(answer.list, certificate, issuer, trust, now);
          if (fault === null) return verdict(answer.list, certificate.serial, url);
          detail = `${url}: ${fault}`;
        }
      }
      return { state: 'unavailable', detail };
    },
  };
}

function forgetOldest(held: Map<string, Promise<Held>>, sizes: Map<string, number>): void {
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (const [url, size] of sizes) {
    if (bytes <= HELD_BYTES || sizes.size === 1) return;
    held.delete(url);
    sizes.delete(url);
    bytes -= size;
  }
}

function verdict(list: RevocationList, serial: string, url: string): Revocation {
  const since = list.revokedAt(serial);
  if (since === null) return { state: 'good', detail: url };
  return { state: 'revoked', detail: `since ${new Date(since).toISOString().slice(0, 10)} by ${url}` };
}

/** RFC 5280 §6.3.3: the list must be of this issuer, signed by it, and of now. */
function faultOf(
  list: RevocationList,
  certificate: SentCertificate,
  issuer: SentCertificate | null,
  trust: Trust,
  now: Instant,
): string | null {
  if (list.nextUpdate !== null && list.nextUpdate < Date.parse(now)) return 'the list is out of date';
  const keys =
    issuer === null
      ? trust.rootsNamed(new X509Certificate(certificate.der).issuer).map(({ publicKey }) => publicKey)
      : [new X509Certificate(issuer.der).publicKey];
  return keys.some((key) => isSigned(list, key)) ? null : 'the list is not signed by the issuer';
}

function isSigned({ algorithm, signed, signature }: RevocationList, key: KeyObject): boolean {
  const hash = HASHES[algorithm];
  if (hash === undefined) return false;
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}
