import { type MtaStsPolicy, renderMtaStsPolicy } from '../../../standards/mta-sts-policy.ts';
import { sha256Hex } from '../../../standards/sha-256.ts';
import type { Instant } from '../../clock.ts';
import type { Ledger } from './ledger.ts';
import type { MintedEvent } from './ledger-event.ts';
import { triggersOf } from './triggers.ts';
import { nextVersionId } from './version-id.ts';

/** Where a version comes from. */
export interface Origin {
  readonly now: Instant;
  /** Null outside a git repository. */
  readonly commit: string | null;
  readonly pull_request?: number;
}

/**
 * The version that a policy needs: one exactly when its canonical bytes differ from those of the version in service,
 * whatever changed them; null when they are the same. Bytes that were published before get a fresh id all the same: a
 * sender that still holds the old id would not look again (RFC 8461 §3.1, §5.1). So do bytes whose id stands with others,
 * too: two runs without a common ledger gave it out twice.
 */
export function mintVersion(ledger: Ledger, policy: MtaStsPolicy, origin: Origin): MintedEvent | null {
  const body = renderMtaStsPolicy(policy);
  const { current, reused } = ledger;
  if (current?.body === body && !reused.includes(current.id)) return null;
  const { now, commit, pull_request } = origin;
  return {
    at: now,
    event: 'minted',
    id: nextVersionId(now, ledger.ids),
    sha256: sha256Hex(body),
    body,
    mode: policy.mode,
    max_age: policy.max_age,
    mx: policy.mx,
    triggers: triggersOf(current, policy),
    commit,
    ...(pull_request === undefined ? {} : { pull_request }),
  };
}
