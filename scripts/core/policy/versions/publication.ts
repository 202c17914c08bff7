import { isPolicyId } from '../../../standards/mta-sts-record.ts';
import { epochMs, type Instant } from '../../clock.ts';
import { type Ledger, versionOfId } from './ledger.ts';

/** What is right or wrong about publishing a body under an id (rollout rules §6). */
export type VersionVerdict =
  | { readonly verdict: 'new' }
  | { readonly verdict: 'unchanged' }
  /** Harmless: senders fetch the same body again. */
  | { readonly verdict: 'id-only' }
  | { readonly verdict: 'rejected'; readonly code: 'id-syntax' | 'id-reused' | 'id-unchanged' | 'id-future' };

/** Seconds that a clock may be ahead. */
const CLOCK_SKEW = 300;

/**
 * May this body be announced under this id? Another body always needs an id that was never used in the domain (RFC 8461
 * §3.1): also one that was published before, because senders that still hold that id would not look again.
 */
export function judgeVersion(
  ledger: Ledger,
  proposed: { readonly id: string; readonly sha256: string },
  now: Instant,
): VersionVerdict {
  const { id, sha256 } = proposed;
  if (!isPolicyId(id)) return { verdict: 'rejected', code: 'id-syntax' };
  if (isAhead(id, now)) return { verdict: 'rejected', code: 'id-future' };
  const { current } = ledger;
  if (current?.id === id)
    return current.sha256 === sha256 ? { verdict: 'unchanged' } : { verdict: 'rejected', code: 'id-unchanged' };
  if (versionOfId(ledger, id) !== null || ledger.ids.has(id)) return { verdict: 'rejected', code: 'id-reused' };
  return { verdict: current?.sha256 === sha256 ? 'id-only' : 'new' };
}

function isAhead(id: string, now: Instant): boolean {
  const stamp = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)[a-z]*$/.exec(id);
  if (stamp === null) return false;
  const [, year, month, day, hour, minute, second] = stamp;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) > epochMs(now) + CLOCK_SKEW * 1000;
}

/** One address of the policy host, as our own fetch saw it. */
export interface ServedBytes {
  readonly address: string;
  /** `ok`, or the fault. */
  readonly code: string;
  /** Null when nothing usable was fetched. */
  readonly sha256: string | null;
}

/**
 * May the id be announced? Only when every address serves exactly these bytes: else senders keep the old body under the
 * new id until max_age is over (RFC 8461 §8.1). Names the addresses that hold it up.
 */
export function mayAnnounce(
  sha256: string,
  served: readonly ServedBytes[],
): { readonly allowed: true } | { readonly allowed: false; readonly waiting_for: readonly string[] } {
  const waiting = served.filter((one) => one.code !== 'ok' || one.sha256 !== sha256).map(({ address }) => address);
  return served.length > 0 && waiting.length === 0 ? { allowed: true } : { allowed: false, waiting_for: waiting };
}
