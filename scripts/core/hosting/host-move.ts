import { epochMs, type Instant, instantOf } from '../clock.ts';
import type { Settings } from '../config/types.ts';
import { HOST_TTL } from '../dns/desired-records.ts';
import type { DomainFacts } from '../policy/plan/domain-plan.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import { type HostPlace, isPages, isSamePlace, placeOf, placeTarget } from './host-place.ts';

/** A policy host on its way from one hosting to another, with the same bytes (rollout rules §5). */
export interface HostMove {
  /** Null: somebody else serves it from now on. */
  readonly to: HostPlace | null;
  /** Places that may still hold the name, oldest first. */
  readonly from: readonly HostPlace[];
  /** Names that a host at each of `from` is an alias of, as far as that is known. */
  readonly from_targets: readonly string[];
  /** GitHub lets one site at a time have a name: the old one lets go of it just before the new one takes it. */
  readonly swaps: boolean;
  /** Since when the name leads to `to`; null: not yet. */
  readonly moved_at: Instant | null;
  /** How long after that the old places serve on. Milliseconds. */
  readonly keep_ms: number;
}

const DAY_MS = 86_400_000;
/** Old places serve on for the TTL of the name and a day; a week where DNS cannot tell which of two places it leads to. */
const KEEP_MS = HOST_TTL * 1000 + DAY_MS;
const KEEP_BLIND_MS = 7 * DAY_MS;

/** Null when the policy host stands where it is to stand, and nowhere else. */
export function hostMove(
  { config, base, live }: Pick<DomainFacts, 'config' | 'base' | 'live'>,
  { hosts, current }: Pick<Ledger, 'hosts' | 'current'>,
  settings: Settings,
  repositoryOwner: string | null,
): HostMove | null {
  if (config === null || current === null) return null;
  const to = placeOf(config.hosting, settings);
  const known = hosts.place === undefined ? unwritten({ base, live }, settings, repositoryOwner) : hosts.held;
  const from = known.filter((one) => !isSamePlace(one, to));
  const isThere = hosts.place !== undefined && isSamePlace(hosts.place, to);
  if (from.length === 0 && !(hosts.place !== undefined && (hosts.moving || !isThere))) return null;
  const targets = from.flatMap((one) => placeTarget(one, repositoryOwner) ?? []);
  const target = placeTarget(to, repositoryOwner);
  const isBlind = target === null && targets.length < from.length;
  return {
    to,
    from,
    from_targets: [...new Set(targets)].filter((one) => one !== target),
    swaps: isPages(to) && from.some(isPages),
    moved_at: isThere ? hosts.moved_at : null,
    keep_ms: isBlind ? KEEP_BLIND_MS : KEEP_MS,
  };
}

/** When the old places may let go; null before the name was seen to have moved. */
export function releaseAt({ moved_at, keep_ms }: Pick<HostMove, 'moved_at' | 'keep_ms'>): Instant | null {
  return moved_at === null ? null : instantOf(epochMs(moved_at) + keep_ms);
}

/** Published before claims were written down: where the name leads, or what the other commit says, is all there is. */
function unwritten(
  { base, live }: Pick<DomainFacts, 'base' | 'live'>,
  settings: Settings,
  repositoryOwner: string | null,
): readonly HostPlace[] {
  const aliases = live?.policy_host.known === true ? live.policy_host.value.aliases : [];
  const before = base === null ? null : placeOf(base.hosting, settings);
  return Object.keys(settings.hosting).flatMap((name) => {
    const place = placeOf(name, settings);
    if (place === null) return [];
    const target = placeTarget(place, repositoryOwner);
    return (target !== null && aliases.includes(target)) || isSamePlace(place, before) ? [place] : [];
  });
}
