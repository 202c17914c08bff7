import { DkimVerifier } from 'mailauth/lib/dkim/dkim-verifier.js';
import { createKeyCache, type KeyCache, writeToStream } from 'mailauth/lib/tools.js';
import type { Instant } from '../../core/clock.ts';
import type { Resolver } from '../../core/probe/dns-lookup.ts';
import type { SignatureOutcome } from '../../core/reports/signatures.ts';

/** Whether the TXT records of a name could be told: `records` empty = there are none. */
export type KeyAnswer = { readonly records: readonly string[] } | { readonly records: null };
/** Finds the TXT records of a key name in lower case. Never rejects. */
export type KeyLookup = (name: string) => Promise<KeyAnswer>;

const KEY_NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?$/;
/** Names in a row without an answer, after which it is asked whether there is any DNS. */
const SILENT_NAMES = 3;
/** What names without an answer may take of one run. */
const SILENT_MS = 120_000;
/** Keys that are looked up for one mail at most (RFC 6376 §6.1: a verifier may limit them). */
const KEYS_PER_MAIL = 10;
/** Parsed keys that are kept; then all are forgotten. */
const KEPT_KEYS = 5000;

/** Finds every DKIM signature of a mail (RFC 6376 §6), judged as of the moment it was opened for. */
export type DkimVerifying = (raw: Buffer) => Promise<readonly SignatureOutcome[]>;

/**
 * A verifier for much mail: parsing a key takes as long as checking a signature with it, and a few reporters send nearly all
 * reports, so that parsed keys are kept from mail to mail.
 */
export function openDkimVerifier(lookUp: KeyLookup, now: Instant): DkimVerifying {
  const curTime = new Date(now);
  const resolver = async (name: string): Promise<string[][]> => {
    const { records } = await lookUp(name);
    if (records === null) throw dnsError('ETIMEOUT');
    const record = records.find((text) => /(?:^|;)\s*p\s*=/.test(text)) ?? records[0];
    if (record === undefined) throw dnsError('ENODATA');
    return [[withoutService(record)]];
  };
  let keys = createKeyCache(resolver);
  let kept = 0;
  /** The keys of one mail: as many as KEYS_PER_MAIL. */
  const keysOfMail = (): KeyCache => {
    const asked = new Set<string>();
    return {
      resolver,
      get: (type, name, minBitLength, options) => {
        const key = name.toLowerCase().replace(/\.$/, '');
        if (!asked.has(key)) kept += 1;
        asked.add(key);
        if (!KEY_NAME.test(key) || asked.size > KEYS_PER_MAIL) return Promise.reject(dnsError('ENOTFOUND'));
        return keys.get(type, key, minBitLength, options);
      },
    };
  };
  return async (raw) => {
    if (kept > KEPT_KEYS) {
      keys = createKeyCache(resolver);
      kept = 0;
    }
    const verifier = new DkimVerifier({ curTime, rejectRsaSha1: true });
    verifier.keyCache = keysOfMail();
    await writeToStream(verifier, raw);
    return verifier.results.flatMap(outcomesOf);
  };
}

type VerifiedSignature = InstanceType<typeof DkimVerifier>['results'][number];

function outcomesOf(result: VerifiedSignature): readonly SignatureOutcome[] {
  const { status, signingDomain, selector } = result;
  if (signingDomain === undefined || selector === undefined) return [];
  return [
    {
      outcome: outcomeOf(status.result, status.comment),
      domain: signingDomain.toLowerCase().replace(/\.$/, ''),
      selector,
      key: result.rr ?? null,
      partial: result.canonBodyLengthLimited === true,
    },
  ];
}

/** RFC 8601 §2.7.1 results in the words of core: `neutral` with `no key` is the only one that tells a vanished key. */
function outcomeOf(result: string, comment: string | false | undefined): SignatureOutcome['outcome'] {
  if (result === 'pass') return 'verified';
  if (result === 'temperror') return 'no-answer';
  return comment === 'no key' ? 'no-key' : 'broken';
}

/**
 * RFC 8460 §3 lets a key be limited to TLS reports by `s=tlsrpt`. The verifier knows only `email` (RFC 6376 §3.6.1): for it
 * the limit is taken away, because a TLS report is what it is asked about.
 */
function withoutService(record: string): string {
  return record
    .split(';')
    .filter((tag) => !/^\s*s\s*=(?:[^;]*:)?\s*tlsrpt\s*(?::|$)/i.test(tag))
    .join(';');
}

/** Where keys are looked up. */
export interface KeySource {
  readonly ask: (name: string) => Promise<KeyAnswer>;
  /** Whether the DNS can be asked at all. */
  readonly isAlive: () => Promise<boolean>;
}

/**
 * Keys from a file first, then from the DNS: each name is asked once. When several names in a row stay without an answer and
 * the resolver does not answer for the root either, the rest of the run asks no more. Names that only their own servers
 * leave unanswered are a stranger's means to hold up a run: they may take SILENT_MS together.
 */
export function keyLookup(file: ReadonlyMap<string, string>, dns: KeySource): KeyLookup {
  const known = new Map<string, Promise<KeyAnswer>>();
  let silent = 0;
  let waited = 0;
  let dead = false;
  const ask = async (name: string): Promise<KeyAnswer> => {
    if (dead || waited >= SILENT_MS) return { records: null };
    const asked = performance.now();
    const answer = await dns.ask(name);
    if (answer.records !== null) {
      silent = 0;
      return answer;
    }
    waited += performance.now() - asked;
    silent += 1;
    if (silent % SILENT_NAMES === 0) dead = !(await dns.isAlive());
    return answer;
  };
  return (name) => {
    const record = file.get(name);
    if (record !== undefined) return Promise.resolve({ records: [record] });
    const answer = known.get(name) ?? ask(name);
    known.set(name, answer);
    return answer;
  };
}

/** TXT records from a resolver. An answer that DNSSEC proves wrong is none: it may be right again later. */
export function dnsKeys(resolver: Pick<Resolver, 'lookup'>): KeySource {
  return {
    ask: async (name) => {
      const { status, records } = await resolver.lookup(name, 'TXT');
      if (status === 'answer') return { records };
      return { records: status === 'nodata' || status === 'nxdomain' ? [] : null };
    },
    isAlive: async () => {
      const { status } = await resolver.lookup('.', 'NS');
      return status === 'answer' || status === 'nodata' || status === 'nxdomain';
    },
  };
}

function dnsError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
