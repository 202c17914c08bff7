import type { Instant } from '../../clock.ts';

/**
 * The `id` of a version minted at `now` (RFC 8461 §3.1: 1 to 32 letters and digits, no order): `YYYYMMDDHHMMSS` in UTC,
 * with a letter behind it when that was taken, `b` to `z`, then `zb` to `zz` and so on. Never one of `taken`.
 */
export function nextVersionId(now: Instant, taken: ReadonlySet<string>): string {
  const stamp = now.replace(/\D/g, '');
  if (!taken.has(stamp)) return stamp;
  for (let prefix = stamp; ; prefix += 'z') {
    for (const letter of 'bcdefghijklmnopqrstuvwxyz') if (!taken.has(prefix + letter)) return prefix + letter;
  }
}
