import { type MxPattern, matchesMx } from '../../standards/mx-pattern.ts';
import { type TlsaRecord, tlsaUsability } from '../../standards/tlsa-record.ts';
import type { Instant } from '../clock.ts';

/** What DANE asks of one certificate of a chain; what io presents has it all. */
export interface DaneCertificate {
  readonly der: Uint8Array;
  /** The SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  readonly not_before: Instant;
  readonly not_after: Instant;
  readonly dns_names: readonly string[];
  readonly common_name: string | null;
  readonly is_ca: boolean;
  /** Places in the chain of those that signed this one. */
  readonly signed_by: readonly number[];
}

/** SHA2-256 (1) or SHA2-512 (2) in lower-case hex: the core has no digests of its own. */
export type Digest = (matchingType: 1 | 2, bytes: Uint8Array) => string;

export interface DaneQuestion {
  readonly records: readonly TlsaRecord[];
  /** As sent, the host's own first. */
  readonly chain: readonly DaneCertificate[];
  /** RFC 7672 §3.2.2: the TLSA base domain, then the domain of the mail and what it is an alias of. */
  readonly reference_names: readonly string[];
  readonly now: Instant;
  readonly digest: Digest;
}

/** `unusable`: no client authenticates by it; `outranked`: a stronger digest of the same parameters stands beside it. */
type RecordStanding = 'match' | 'no-match' | 'outranked' | 'unusable';

export interface DaneMatch {
  /** `encrypt-only`: TLS is demanded, but nothing authenticates (RFC 7672 §2.2). */
  readonly result: 'pass' | 'fail' | 'encrypt-only';
  /** For each record, in order. */
  readonly records: readonly RecordStanding[];
  /** Why a record of usage 2 that stands in the chain does not pass; empty when none was refused so. */
  readonly refusals: readonly string[];
  /** Usage, selector and matching type published of which no record matches, such as `3 1 1` (RFC 7671 §8). */
  readonly broken_sets: readonly string[];
}

const MAX_DEPTH = 10;

/** Does what a host presents match its TLSA records, as a DANE client of SMTP decides (RFC 7672 §3, RFC 7671 §9)? */
export function matchDane(question: DaneQuestion): DaneMatch {
  const { records } = question;
  const usable = records.filter((record) => tlsaUsability(record).usable);
  const refusals: string[] = [];
  const standings = records.map((record): RecordStanding => {
    if (!usable.includes(record)) return 'unusable';
    if (isOutranked(record, usable)) return 'outranked';
    return matches(record, question, refusals) ? 'match' : 'no-match';
  });
  const passed = standings.includes('match');
  const shown = (record: TlsaRecord) => `${record.usage} ${record.selector} ${record.matching_type}`;
  const matched = new Set(records.filter((_, i) => standings[i] === 'match').map(shown));
  const tried = new Set(records.filter((_, i) => standings[i] === 'no-match').map(shown));
  return {
    result: passed ? 'pass' : usable.length === 0 ? 'encrypt-only' : 'fail',
    records: standings,
    refusals: passed ? [] : [...new Set(refusals)],
    broken_sets: passed ? [...tried].filter((set) => !matched.has(set)) : [],
  };
}

/** RFC 7671 §9: of one usage and selector only the strongest digest counts; full data is never outranked. */
function isOutranked({ usage, selector, matching_type }: TlsaRecord, usable: readonly TlsaRecord[]): boolean {
  if (matching_type === 0) return false;
  return usable.some((one) => one.usage === usage && one.selector === selector && one.matching_type > matching_type);
}

function matches(record: TlsaRecord, question: DaneQuestion, refusals: string[]): boolean {
  const { chain, digest } = question;
  const is = (certificate: DaneCertificate) => {
    const bytes = record.selector === 0 ? certificate.der : certificate.spki;
    const shown = record.matching_type === 0 ? hex(bytes) : digest(record.matching_type as 1 | 2, bytes);
    return shown === record.data;
  };
  const [leaf] = chain;
  if (leaf === undefined) return false;
  // RFC 7672 §3.1.1: names, dates and the rest of the chain do not count.
  if (record.usage === 3) return is(leaf);
  const anchors = chain.flatMap((certificate, place) => (place > 0 && is(certificate) ? [place] : []));
  return anchors.some((anchor) => {
    const refusal = anchorRefusal(question, anchor);
    if (refusal !== null) refusals.push(refusal);
    return refusal === null;
  });
}

/** RFC 7672 §3.1.2: from the host's certificate to the anchor by signatures, all valid now, and one of the names. */
function anchorRefusal({ chain, reference_names, now }: DaneQuestion, anchor: number): string | null {
  const path = pathTo(chain, anchor);
  if (path === null) return 'the trust anchor did not sign what was sent';
  const stale = path.some((one) => now < one.not_before || now > one.not_after);
  if (stale) return 'a certificate up to the trust anchor is not valid now';
  const [leaf] = chain;
  const names = leaf === undefined ? [] : leaf.dns_names.length > 0 ? leaf.dns_names : [leaf.common_name ?? ''];
  const isNamed = reference_names.some((host) => names.some((name) => matchesMx(name as MxPattern, host)));
  return isNamed ? null : `the certificate names none of ${reference_names.join(', ')}`;
}

function pathTo(chain: readonly DaneCertificate[], anchor: number): readonly DaneCertificate[] | null {
  const paths: number[][] = [[0]];
  for (let i = 0; i < paths.length && paths.length < 100; i++) {
    const path = paths[i] ?? [];
    const last = path.at(-1) ?? 0;
    if (last === anchor) return path.flatMap((place) => chain[place] ?? []);
    if (path.length >= MAX_DEPTH) continue;
    for (const next of chain[last]?.signed_by ?? []) {
      if (!path.includes(next) && chain[next]?.is_ca === true) paths.push([...path, next]);
    }
  }
  return null;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
