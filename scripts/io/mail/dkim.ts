import { Resolver } from 'node:dns/promises';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { Instant } from '../../core/clock.ts';
import type { SignatureOutcome } from '../../core/reports/signatures.ts';

/** Whether the TXT records of a name could be told: `records` empty = there are none. */
export type KeyAnswer = { readonly records: readonly string[] } | { readonly records: null };
/** Finds the TXT records of a key name in lower case. Never rejects. */
export type KeyLookup = (name: string) => Promise<KeyAnswer>;

const KEY_NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?$/;
const DNS_MS = 5000;
/** Names in a row without an answer, after which no more are asked in this run. */
const SILENT_NAMES = 3;
/** Keys that are looked up for one mail at most (RFC 6376 §6.1: a verifier may limit them). */
const KEYS_PER_MAIL = 10;

/** Every DKIM signature of a mail (RFC 6376 §6), judged as of `now`. */
export async function verifyDkim(raw: Buffer, lookUp: KeyLookup, now: Instant): Promise<readonly SignatureOutcome[]> {
  const asked = new Set<string>();
  const resolver = async (name: string): Promise<string[][]> => {
    const key = name.toLowerCase().replace(/\.$/, '');
    asked.add(key);
    if (!KEY_NAME.test(key) || asked.size > KEYS_PER_MAIL) throw dnsError('ENOTFOUND');
    const { records } = await lookUp(key);
    if (records === null) throw dnsError('ETIMEOUT');
    const record = records.find((text) => /(?:^|;)\s*p\s*=/.test(text)) ?? records[0];
    if (record === undefined) throw dnsError('ENODATA');
    return [[withoutService(record)]];
  };
  const { results } = await dkimVerify(raw, { resolver, curTime: new Date(now), rejectRsaSha1: true });
  return results.flatMap((result) => {
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
  });
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

/**
 * Keys from a file first, then from the DNS: each name is asked once, for at most 5 seconds; when several names in a row
 * stay without an answer, the rest of the run does not wait for more.
 */
export function keyLookup(file: ReadonlyMap<string, string>, dns: (name: string) => Promise<KeyAnswer>): KeyLookup {
  const known = new Map<string, Promise<KeyAnswer>>();
  let silent = 0;
  const ask = async (name: string): Promise<KeyAnswer> => {
    if (silent >= SILENT_NAMES) return { records: null };
    const answer = await dns(name);
    silent = answer.records === null ? silent + 1 : 0;
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

/** TXT records from the DNS: from the server `udp://host:port`, else (null, or an `https:` one) from the system's resolvers. */
export function dnsTxt(server: string | null): (name: string) => Promise<KeyAnswer> {
  return async (name) => {
    const resolver = new Resolver({ timeout: DNS_MS / 2, tries: 2 });
    const address = /^udp:\/\/(.+)$/.exec(server ?? '')?.[1];
    const deadline = setTimeout(() => resolver.cancel(), DNS_MS);
    try {
      if (address !== undefined) resolver.setServers([address]);
      const records = await resolver.resolveTxt(name);
      return { records: records.map((parts) => parts.join('')) };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ENOTFOUND' || code === 'ENODATA' ? { records: [] } : { records: null };
    } finally {
      clearTimeout(deadline);
    }
  };
}

function dnsError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
