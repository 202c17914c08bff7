import { parseTlsaText, type TlsaRecord } from '../../standards/tlsa-record.ts';
import type { Instant } from '../clock.ts';
import type { Observation } from '../probe/observation.ts';

/** Looks in a row that saw the same; a single observation is one of them. */
export type DaneLook = Observation & { readonly first?: Instant };

/** What is known of DANE at one MX host, from what probes saw (kind `dane`). */
export interface TlsaView {
  readonly host: string;
  /** Where its TLSA records stand (RFC 7672 §2.2.2). */
  readonly base: string;
  /** Null: not known. Each with the moment since which it was seen in every look. */
  readonly published: readonly { readonly record: TlsaRecord; readonly since: Instant }[] | null;
  /** Seconds; the largest seen, because a resolver shows what is left of it. */
  readonly ttl: number;
  /** Whether records would count at all: null when that is not known. */
  readonly signed: boolean | null;
  /** SHA-256 of the key presented at each address in the newest look; null where none was seen. */
  readonly in_use: readonly (string | null)[];
  /** Keys that were presented at some time and are no more, with the first look after it that saw every address. */
  readonly gone_since: ReadonlyMap<string, Instant>;
}

/** `looks`: of one vantage or several, in any order. */
export function tlsaView(host: string, looks: readonly DaneLook[]): TlsaView {
  const sets = looks
    .filter((one) => one.kind === 'dane' && one.subject === host && one.address === null && 'keys' in one.facts)
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const [newest] = sets;
  const published = newest === undefined ? null : recordsOf(newest);
  const ttls = sets.flatMap(({ facts }) => (typeof facts['ttl'] === 'number' ? [facts['ttl']] : []));
  return {
    host,
    base: textOf(newest?.facts['base']) ?? host,
    published: published?.map(([shown, record]) => ({ record, since: sinceOf(shown, sets) })) ?? null,
    ttl: Math.max(0, ...ttls),
    signed: newest === undefined ? null : newest.facts['signed'] === true,
    in_use: newest === undefined ? [] : keysOf(newest),
    gone_since: goneSince(sets),
  };
}

/** When the key was changed is not known, only between which looks: it may have been a moment before the first one without it. */
function goneSince(sets: readonly DaneLook[]): ReadonlyMap<string, Instant> {
  const gone = new Map<string, Instant>();
  const seen = new Set<string | null>();
  const later: DaneLook[] = [];
  for (const look of sets) {
    for (const key of keysOf(look)) {
      if (key === null || seen.has(key)) continue;
      seen.add(key);
      const since = later.map(({ at, first = at }) => (first > look.at ? first : look.at)).toSorted()[0];
      if (since !== undefined) gone.set(key, since);
    }
    if (!keysOf(look).includes(null)) later.push(look);
  }
  return gone;
}

/** `facts.keys`: by address. */
function keysOf({ facts }: DaneLook): readonly (string | null)[] {
  const keys: unknown = facts['keys'];
  return typeof keys === 'object' && keys !== null ? Object.values(keys).map(textOf) : [];
}

/** Null when one cannot be read back, so that nobody replaces what he does not know. */
function recordsOf({ facts }: DaneLook): readonly (readonly [string, TlsaRecord])[] | null {
  const written: unknown = facts['records'] ?? [];
  if (!Array.isArray(written)) return null;
  const records: (readonly [string, TlsaRecord])[] = [];
  for (const one of written as readonly unknown[]) {
    const parsed = typeof one === 'string' ? parseTlsaText(one) : null;
    if (parsed?.ok !== true) return null;
    records.push([String(one), parsed.value]);
  }
  return records;
}

/** `sets`: newest first. */
function sinceOf(shown: string, sets: readonly DaneLook[]): Instant {
  let since = sets[0]?.at as Instant;
  for (const { at, first, facts } of sets) {
    const records: unknown = facts['records'];
    if (!Array.isArray(records) || !records.includes(shown)) break;
    since = first ?? at;
  }
  return since;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
