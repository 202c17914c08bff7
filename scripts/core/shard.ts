import { sha256Hex } from '../standards/sha-256.ts';

/** One of `count` parts of the domains, for jobs side by side. `index` is 1-based. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const WHOLE: Shard = { index: 1, count: 1 };

/** `2/5`: the second of five. Null: it is not written so. */
export function parseShard(text: string): Shard | null {
  const [, index = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  return index >= 1 && index <= count ? { index, count } : null;
}

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/**
 * Which of so many parts a domain is in, 1-based: by its name alone, so that one that is added or goes moves no other, and
 * the history of each stays in the files of its part.
 */
export function shardOf(domain: string, count: number): number {
  return (Number.parseInt(sha256Hex(domain).slice(0, 8), 16) % count) + 1;
}

export function isInShard(domain: string, { index, count }: Shard): boolean {
  return count === 1 || shardOf(domain, count) === index;
}
