import type { Instant } from '../../clock.ts';
import { type HostPlace, isSamePlace } from '../../hosting/host-place.ts';
import type { LedgerEvent } from './ledger-event.ts';

/** Where the policy host of a domain stands and stood, by its ledger. */
export interface HostClaims {
  /** Where it is to stand: null is somebody else's; undefined: nobody wrote it down. */
  readonly place: HostPlace | null | undefined;
  /** Since when the name was seen to lead to `place`, with the right bytes; null: not yet, or it never stood elsewhere. */
  readonly moved_at: Instant | null;
  /** It stood elsewhere before, and was not yet seen to have moved. */
  readonly moving: boolean;
  /** Places that may hold a claim of the name, oldest first. */
  readonly held: readonly HostPlace[];
}

export const NO_HOSTS: HostClaims = { place: undefined, moved_at: null, moving: false, held: [] };

export function foldHosts(events: readonly LedgerEvent[]): HostClaims {
  let known = NO_HOSTS;
  for (const event of events) known = after(known, event);
  return known;
}

function after(known: HostClaims, event: LedgerEvent): HostClaims {
  switch (event.event) {
    case 'hosted': {
      const { hosting: place } = event;
      const others = known.held.filter((one) => !isSamePlace(one, place));
      const held = place === null ? others : [...others, place];
      return { place, moved_at: null, moving: known.place !== undefined, held };
    }
    case 'moved':
      return isSamePlace(event.hosting, known.place ?? null) ? { ...known, moved_at: event.at, moving: false } : known;
    case 'released':
      return { ...known, held: known.held.filter((one) => !isSamePlace(one, event.hosting)) };
    default:
      return known;
  }
}
