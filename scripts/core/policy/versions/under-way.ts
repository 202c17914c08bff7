import { epochMs, type Instant } from '../../clock.ts';
import type { Ledger } from './ledger.ts';

const HOUR_MS = 3_600_000;
/** Milliseconds. A certificate takes an hour as a rule, and publish looks again each hour of the first day. */
export const MACHINE_MS = 24 * HOUR_MS;
/** Milliseconds. Somebody has to be found who may change the zone or the web server. */
export const PERSON_MS = 7 * 24 * HOUR_MS;

/**
 * Is the very first version of a domain being published, and not for longer than a person's part in it may take? Then what
 * is not there yet is the rest of that work, and no fault: nobody was told of a policy.
 */
export function isFirstUnderWay({ current, versions }: Ledger, now: Instant): boolean {
  if (current === null || versions.some(({ announced_at }) => announced_at !== null)) return false;
  return epochMs(now) - epochMs(current.first_served_at ?? current.minted_at) < PERSON_MS;
}
