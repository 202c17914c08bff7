import type { Instant } from '../clock.ts';

/** What was asked of the DNS and what came back, as data: the resolver of io/dns answers in this shape, fakes do too. */

/** The data of one record, by type. Names are in lower case without the root dot; the root itself is `.`. */
export interface RecordData {
  /** A bare address. */
  readonly A: string;
  readonly AAAA: string;
  readonly CNAME: string;
  readonly NS: string;
  /** The null MX (RFC 7505 §3) has the exchange `.`. */
  readonly MX: { readonly preference: number; readonly exchange: string };
  /** The strings of one record, joined without a space (RFC 8461 §3.1). Hostile text. */
  readonly TXT: string;
  /** RDATA: parseTlsaRdata reads it. */
  readonly TLSA: Uint8Array;
  readonly CAA: { readonly critical: boolean; readonly tag: string; readonly value: string };
  readonly SOA: { readonly mname: string; readonly rname: string; readonly serial: number; readonly minimum: number };
  readonly DS: { readonly key_tag: number; readonly algorithm: number; readonly digest_type: number };
}
export type RecordType = keyof RecordData;

/**
 * `answer`, `nodata` and `nxdomain` are what the DNS says. The rest say why it is not known:
 * `bogus` DNSSEC proves that the answer is wrong (a validator refuses what it gives when told not to check);
 * `servfail` the resolver found no server that answers, or a server failed; `refused` (REFUSED, NOTIMP, NOTAUTH…);
 * `timeout`; `unreachable` no way to the server; `private-address` the server was not asked; `malformed` what came back is no answer to the question.
 */
export type LookupStatus =
  | 'answer'
  | 'nodata'
  | 'nxdomain'
  | 'bogus'
  | 'servfail'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'private-address'
  | 'malformed';

export interface Lookup<T extends RecordType = RecordType> {
  readonly name: string;
  readonly type: T;
  readonly status: LookupStatus;
  /** Validated by DNSSEC and heard over a path that can be trusted: from loopback or over TLS. */
  readonly secure: boolean;
  /** In the order of the answer; empty unless `status` is `answer`. */
  readonly records: readonly RecordData[T][];
  /** Seconds the answer, or the denial, may be kept (RFC 2308 §5); null when there is none. */
  readonly ttl: number | null;
  /** The aliases followed, in order; the records stand at the target of the last. */
  readonly aliases: readonly Alias[];
  /**
   * The RRSIGs over the answer and its aliases: the latest start, the earliest end, and the TTL that the zone gives the
   * record set (RFC 4034 §3.1.4), of which `ttl` is what is left. Null without.
   */
  readonly signed: { readonly from: Instant; readonly until: Instant; readonly ttl: number } | null;
  /** Extended DNS errors (RFC 8914). */
  readonly errors: readonly ExtendedError[];
  /** The AA bit: the answer of a server that holds the zone. */
  readonly authoritative: boolean;
  /** The servers that a server without the zone refers to; only where one was asked directly. */
  readonly referral?: readonly string[];
  /** A phrase on what came back when there is no answer, such as `no reply within 5 s`; else empty. */
  readonly detail: string;
}

export interface Alias {
  readonly name: string;
  readonly target: string;
  /** Seconds. */
  readonly ttl: number;
}

/** RFC 8914 §2: the INFO-CODE and the EXTRA-TEXT, bounded. Hostile text. */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

/** Asks through a recursive resolver. Never throws for what the DNS does: that is a status. */
export interface Resolver {
  /** For messages: `udp://127.0.0.1:53`. */
  readonly address: string;
  /** Whether its AD bit is believed: it stands on loopback or is reached over TLS. Says nothing on whether it validates. */
  readonly trusted: boolean;
  readonly lookup: <T extends RecordType>(name: string, type: T) => Promise<Lookup<T>>;
}

/** Asks one server directly and without recursion: `address` is bare. `secure` is never set. */
export type AskServer = <T extends RecordType>(address: string, name: string, type: T) => Promise<Lookup<T>>;

/** Seconds that the zone gives the records; null where only what a cache has left of it can be seen. */
export function zoneTtl({ ttl, signed, authoritative, status }: Lookup): number | null {
  if (authoritative) return ttl;
  return status === 'answer' ? (signed?.ttl ?? null) : null;
}

/** Does the DNS say something, be it that there is nothing? Otherwise it is not known. */
export function isDefinite(status: LookupStatus): boolean {
  return status === 'answer' || status === 'nodata' || status === 'nxdomain';
}
