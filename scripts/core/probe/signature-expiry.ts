import { epochMs, type Instant } from '../clock.ts';
import type { Lookup } from './dns-lookup.ts';

const DAY_MS = 86_400_000;

/**
 * Signatures that should have been renewed by now: less than three days are left, or less than a quarter of their life
 * where that is shorter. Signers that make them for two days and renew daily are sound.
 */
export function isSignatureExpiring(lookup: Lookup, now: Instant): boolean {
  if (lookup.signed === null || !lookup.secure) return false;
  const { from, until } = lookup.signed;
  const left = epochMs(until) - epochMs(now);
  return left < Math.min(3 * DAY_MS, (epochMs(until) - epochMs(from)) / 4);
}
