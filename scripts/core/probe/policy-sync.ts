import { epochMs, type Instant } from '../clock.ts';
import type { Ledger, PolicyVersion } from '../policy/versions/ledger.ts';

/** Which texts of a domain may be served just now. */
export interface ExpectedBodies {
  /** Those that are right: none when the ledger holds nothing to compare with. */
  readonly right: readonly PolicyVersion[];
  readonly versions: readonly PolicyVersion[];
  /** The id that DNS shows; null when it shows none, or when that is not known. */
  readonly announced_id: string | null;
}

/** `right`; `stale`: the text of another version; `foreign`: no text of ours. */
export type Sync =
  | { readonly kind: 'right'; readonly version: string }
  | { readonly kind: 'stale'; readonly version: string; readonly serves_id: string; readonly detail: string }
  | { readonly kind: 'foreign' };

/**
 * The host is published first and DNS moves after it (RFC 8461 §8.1). For this long a text whose id is not yet announced
 * is the first half of that, and not a fault.
 */
const ANNOUNCEMENT_MS = 3_600_000;

/**
 * Right is the text recorded for the id that DNS shows. An id of an older version than the one in force does not make that
 * one right again, and without a known id it is the version in force or the newest.
 */
export function expectedBodies(ledger: Ledger, announcedId: string | null, now: Instant): ExpectedBodies {
  const { versions, current, in_force } = ledger;
  const announced = versions.find(({ id }) => id === announcedId) ?? null;
  const order = (version: PolicyVersion | null) => (version === null ? -1 : versions.indexOf(version));
  const standing = announced !== null && order(announced) >= order(in_force) ? announced : null;
  const onTheWay = current !== null && epochMs(now) - epochMs(current.minted_at) <= ANNOUNCEMENT_MS ? current : null;
  const right = standing === null ? [in_force, current] : [standing, onTheWay];
  return { right: right.filter((one) => one !== null), versions, announced_id: announcedId };
}

export function syncOf(body: Uint8Array, { right, versions, announced_id }: ExpectedBodies): Sync {
  const rightOne = right.find((version) => isBody(body, version.body));
  if (rightOne !== undefined) return { kind: 'right', version: rightOne.id };
  const other = versions.findLast((version) => isBody(body, version.body));
  if (other === undefined) return { kind: 'foreign' };
  const detail =
    announced_id === null
      ? `serves the text of ${other.id}`
      : `serves the text of ${other.id} while DNS announces ${announced_id}`;
  return { kind: 'stale', version: other.id, serves_id: other.id, detail };
}

export function sameButLineEnds(body: Uint8Array, text: string): boolean {
  const plain = (written: string) => written.replaceAll(/\r\n|\r/g, '\n').replace(/\n$/, '');
  const served = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  return served !== text && plain(served) === plain(text);
}

/** Byte for byte: policies are ASCII, but what is served may be anything. */
function isBody(body: Uint8Array, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  return bytes.length === body.length && bytes.every((byte, i) => byte === body[i]);
}

/** Every version was withdrawn: the retirement is complete (RFC 8461 §8.3), and nothing is missing that is not there. */
export function isRetired({ versions, current, in_force }: Ledger): boolean {
  return versions.length > 0 && current === null && in_force === null;
}
