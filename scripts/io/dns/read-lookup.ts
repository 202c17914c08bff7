import type { Answer } from 'dns-packet';
import type { Instant } from '../../core/clock.ts';
import type { Alias, Lookup, RecordData, RecordType } from '../../core/probe/dns-lookup.ts';
import type { Message, Query } from './message.ts';

const RCODE_NAMES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  4: 'NOTIMP',
  5: 'REFUSED',
  9: 'NOTAUTH',
  16: 'BADVERS',
};
/** Longer chains are loops or mischief; resolvers give up at about as many. */
const MAX_ALIASES = 16;
const MAX_RECORDS = 500;
/** RFC 2181 §8: a TTL with the top bit set is 0. */
const MAX_TTL = 0x7fff_ffff;

/** What a reply says about the name: the records at the end of its aliases, or that there is none. */
export function readLookup<T extends RecordType>(
  message: Message,
  query: Query & { readonly type: T },
  trusted: boolean,
): Lookup<T> {
  const { rcode, errors, authoritative } = message;
  const base = { name: query.name, type: query.type, records: [], errors, authoritative, aliases: [], signed: null };
  const failed = (status: 'servfail' | 'refused' | 'malformed', detail: string): Lookup<T> => {
    return { ...base, status, detail, secure: false, ttl: null };
  };
  if (rcode === 2) return failed('servfail', 'SERVFAIL');
  if (rcode !== 0 && rcode !== 3) return failed('refused', RCODE_NAMES[rcode] ?? `RCODE ${rcode}`);

  const { aliases, owner } = followAliases(message.answers, query);
  if (owner === null) return failed('malformed', `more than ${MAX_ALIASES} aliases, or a circle of them`);
  const found = message.answers.filter((one) => one.type === query.type && lower(one.name) === owner && isClassIn(one));
  const secure = trusted && message.authentic;
  const links = message.answers.filter(
    (one) => one.type === 'CNAME' && aliases.some(({ name }) => name === lower(one.name)),
  );
  if (found.length > 0 && rcode === 0) {
    const records = found.slice(0, MAX_RECORDS).map((one) => dataOf(one, query.type));
    const signed = validity([...links, ...found], message.answers);
    return {
      ...base,
      status: 'answer',
      secure,
      records,
      aliases,
      signed,
      ttl: leastTtl([...links, ...found]),
      detail: '',
    };
  }
  const soa = message.authorities.find((one) => one.type === 'SOA');
  if (!query.recursive && soa === undefined && !authoritative) {
    const referral = message.authorities.flatMap((one) => (one.type === 'NS' ? [lower(one.data)] : []));
    return { ...failed('refused', 'a referral elsewhere instead of an answer'), referral };
  }
  const status = rcode === 3 ? 'nxdomain' : 'nodata';
  const denial = soa?.type === 'SOA' ? Math.min(ttlOf(soa), soa.data.minimum ?? 0) : null;
  const ttl = denial === null ? null : Math.min(denial, ...links.map(ttlOf));
  const proof = message.authorities.filter((one) => one.type !== 'RRSIG' && one.type !== 'NS');
  const signed = validity([...links, ...proof], [...message.answers, ...message.authorities]);
  return { ...base, status, secure, aliases, signed, ttl, detail: '' };
}

/** RFC 1034 §3.6.2: from the name of the question along the CNAMEs of the answer. Owner null: a chain without end. */
function followAliases(answers: readonly Answer[], query: Query): { aliases: Alias[]; owner: string | null } {
  const aliases: Alias[] = [];
  let owner = query.name;
  if (query.type === 'CNAME') return { aliases, owner };
  for (;;) {
    const link = answers.find((one) => one.type === 'CNAME' && lower(one.name) === owner && isClassIn(one));
    if (link?.type !== 'CNAME') return { aliases, owner };
    const target = lower(link.data);
    if (aliases.length >= MAX_ALIASES || aliases.some(({ name }) => name === target)) return { aliases, owner: null };
    aliases.push({ name: owner, target, ttl: ttlOf(link) });
    owner = target;
  }
}

function dataOf<T extends RecordType>(record: Answer, type: T): RecordData[T] {
  const read: { readonly [K in RecordType]: () => RecordData[K] } = {
    A: () => textOf(record),
    AAAA: () => textOf(record),
    CNAME: () => lower(textOf(record)),
    NS: () => lower(textOf(record)),
    MX: () => {
      const { preference = 0, exchange = '.' } = record.type === 'MX' ? record.data : {};
      return { preference, exchange: lower(exchange) };
    },
    TXT: () => {
      const strings = record.type === 'TXT' ? record.data : [];
      const parts = Array.isArray(strings) ? strings : [strings];
      return Buffer.concat(parts.map((part) => Buffer.from(part))).toString('utf8');
    },
    TLSA: () => {
      if (record.type !== 'TLSA') return new Uint8Array();
      const { usage, selector, matchingType, certificate } = record.data;
      return new Uint8Array([usage, selector, matchingType, ...certificate]);
    },
    CAA: () => {
      if (record.type !== 'CAA') return { critical: false, tag: '', value: '' };
      const { flags = 0, tag, value } = record.data;
      return { critical: (flags & 0x80) !== 0, tag: tag.toLowerCase(), value };
    },
    SOA: () => {
      const { mname = '.', rname = '.', serial = 0, minimum = 0 } = record.type === 'SOA' ? record.data : {};
      return { mname: lower(mname), rname: lower(rname), serial, minimum };
    },
    DS: () => {
      const { keyTag = 0, algorithm = 0, digestType = 0 } = record.type === 'DS' ? record.data : {};
      return { key_tag: keyTag, algorithm, digest_type: digestType };
    },
  };
  return read[type]();
}

/**
 * When the signatures over these record sets hold (RFC 4035 §5.3.1). Of several over one set the one that ends last
 * counts; of several sets the one that ends first. Null when one of the sets has none.
 */
function validity(covered: readonly Answer[], from: readonly Answer[]): Lookup['signed'] {
  const sets = new Map(covered.map((one) => [`${lower(one.name)} ${one.type}`, one]));
  let [start, end, ttl] = [0, Number.MAX_SAFE_INTEGER, MAX_TTL];
  for (const one of sets.values()) {
    const signatures = from.flatMap((rr) =>
      rr.type === 'RRSIG' && rr.data.typeCovered === one.type && lower(rr.name) === lower(one.name) ? [rr.data] : [],
    );
    const best = signatures.toSorted((a, b) => b.expiration - a.expiration)[0];
    if (best === undefined) return null;
    start = Math.max(start, best.inception);
    end = Math.min(end, best.expiration);
    ttl = Math.min(ttl, best.originalTTL);
  }
  return sets.size === 0 ? null : { from: instant(start), until: instant(end), ttl };
}

function instant(seconds: number): Instant {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` as Instant;
}

function leastTtl(records: readonly Answer[]): number {
  return Math.min(...records.map(ttlOf));
}

function ttlOf(record: Answer): number {
  const ttl = 'ttl' in record ? (record.ttl ?? 0) : 0;
  return ttl > MAX_TTL ? 0 : ttl;
}

function isClassIn(record: Answer): boolean {
  return 'class' in record && record.class === 'IN';
}

function textOf(record: Answer): string {
  return 'data' in record && typeof record.data === 'string' ? record.data : '';
}

function lower(name: string): string {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1).toLowerCase() : name.toLowerCase();
}
