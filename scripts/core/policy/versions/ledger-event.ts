import type { Mode } from '../../../standards/mta-sts-policy.ts';
import type { Instant } from '../../clock.ts';
import type { HostPlace } from '../../hosting/host-place.ts';

/** Why a policy version exists (rollout rules, five triggers). */
export const TRIGGERS = ['mx', 'mode', 'certificate-name', 'max-age', 'scope'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/**
 * One line of `data/policies/<domain>.jsonl`, or, of a policy host, of `data/hosts/<domain>.jsonl`: what happened to one policy
 * version or to the claim of its host, in the order it happened.
 */
export type LedgerEvent = MintedEvent | ObservedEvent | HostEvent;

export interface MintedEvent {
  readonly at: Instant;
  readonly event: 'minted';
  /** RFC 8461 §3.1 `id`: `YYYYMMDDHHMMSS` in UTC, a letter behind it when that was taken. Never reused in a domain. */
  readonly id: string;
  /** Of `body`, lower-case hex. */
  readonly sha256: string;
  /** The canonical policy text with CRLF. */
  readonly body: string;
  readonly mode: Mode;
  readonly max_age: number;
  readonly mx: readonly string[];
  readonly triggers: readonly Trigger[];
  /** Null outside a git repository. */
  readonly commit: string | null;
  readonly pull_request?: number;
  readonly approval?: RecordedApproval;
}

/** Who stood behind the pull request of a version when it was published. Handles without `@`; hostile text. */
export interface RecordedApproval {
  readonly author: string;
  readonly approvers: readonly string[];
  /** Merged with fewer approvals than its change needs: somebody reviews it within one business day. */
  readonly exception: boolean;
}

/** served: seen by our own fetch on every address; announced: its id seen at every authoritative server. */
export interface ObservedEvent {
  readonly at: Instant;
  readonly event: 'served' | 'announced' | 'withdrawn';
  readonly id: string;
  readonly sha256: string;
}

/**
 * hosted: the policy host is about to be claimed there; null is somebody else’s. moved: the name was seen to lead there,
 * with the right bytes, after it stood elsewhere. released: the claim there was let go. Id and hash are those of the version then.
 */
export interface HostEvent {
  readonly at: Instant;
  readonly event: 'hosted' | 'moved' | 'released';
  readonly id: string;
  readonly sha256: string;
  readonly hosting: HostPlace | null;
}
