import { sha256Hex } from '../../standards/sha-256.ts';

/**
 * Which of so many parts a domain is in, 1-based: by its name alone, so that one that is added or goes moves no other, and
 * the history of each stays in the files of its part.
 */
export function shardOf(domain: string, count: number): number {
  return (Number.parseInt(sha256Hex(domain).slice(0, 8), 16) % count) + 1;
}
