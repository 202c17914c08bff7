import type { Instant } from '../clock.ts';
import { isInShard, type Shard } from '../shard.ts';

export type SiteName = 'policies' | 'reports';

/** What stands beside a part of a site, so that only parts of one whole are joined: `part.json`. */
export interface SitePart {
  readonly site: SiteName;
  readonly shard: Shard;
  /** When the data were read, for all parts the same. */
  readonly at: Instant;
  readonly version: string;
  /** Of the configuration; null outside a git repository. */
  readonly commit: string | null;
  /** SHA-256 over `data/`. */
  readonly data: string;
  /** Of the policy hosts in it, those that stand as configured, because nothing was published there yet. */
  readonly unpublished: readonly string[];
}

/** The first part has all that is of no domain alone: overview, senders, months, tables. */
const COMMON = 1;

/**
 * Whether a page belongs to a part: a domain's pages to its domain's, all else to the first.
 * @param path below the root of the site, such as `domains/example.com/`
 */
export function isPageOf(site: SiteName, shard: Shard, path: string): boolean {
  const [, domain] = (site === 'reports' ? /^domains\/([^/]+)/ : /^([^/]+)/).exec(path) ?? [];
  return domain === undefined ? shard.index === COMMON : isInShard(domain, shard);
}

export function hasCommonPages(shard: Shard): boolean {
  return shard.index === COMMON;
}

/** Why the parts of one site are not one whole; null: they are. */
export function whyNotWhole(parts: readonly SitePart[]): string | null {
  const [first] = parts;
  if (first === undefined) return 'there is none';
  const { count } = first.shard;
  for (const what of ['at', 'version', 'commit', 'data'] as const) {
    const other = parts.find((part) => part[what] !== first[what]);
    if (other !== undefined)
      return `part ${other.shard.index} has another ${SAID[what]} than part ${first.shard.index}: ${other[what]}, not ${first[what]}`;
  }
  const strange = parts.find(({ shard }) => shard.count !== count);
  if (strange !== undefined) return `one is of ${count} parts, another of ${strange.shard.count}`;
  const indexes = parts.map(({ shard }) => shard.index).sort((a, b) => a - b);
  const twice = indexes.find((index, place) => indexes[place - 1] === index);
  if (twice !== undefined) return `part ${twice} of ${count} is there twice`;
  const missing = Array.from({ length: count }, (_, place) => place + 1).filter((index) => !indexes.includes(index));
  return missing.length === 0
    ? null
    : `of ${count} parts ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

const SAID = { at: 'time', version: 'version of Postern', commit: 'commit', data: 'state of data/' } as const;
