import type { RolloutState } from './state.ts';

/** Who stands behind a change (rollout rules §2, §3). Handles without `@`. */
export interface Approval {
  readonly author: string;
  readonly approvers: readonly string[];
  /** Merged by an administrator past the branch protection. */
  readonly emergency: boolean;
}

export type ApprovalVerdict =
  | { readonly verdict: 'approved' }
  /** Allowed, and written down: somebody reviews it within one business day. */
  | { readonly verdict: 'exception' }
  | { readonly verdict: 'missing'; readonly needed: number };

/**
 * Is the change approved by enough people other than its author? A rollback needs one, whoever is awake; promotion one,
 * and a second with an override; retiring two.
 */
export function judgeApproval(
  { author, approvers, emergency }: Approval,
  change: { readonly from: RolloutState; readonly to: RolloutState; readonly overridden: boolean },
): ApprovalVerdict {
  const others = new Set(approvers.map((name) => name.toLowerCase()).filter((name) => name !== author.toLowerCase()));
  const { from, to, overridden } = change;
  const isRollback = from === 'enforce' && to === 'testing';
  const needed = !isRollback && (to === 'retiring' || overridden) ? 2 : 1;
  // At night one person is enough to roll back, also its author: mail comes first.
  if (isRollback && approvers.length > 0) return { verdict: 'approved' };
  if (others.size >= needed) return { verdict: 'approved' };
  return emergency ? { verdict: 'exception' } : { verdict: 'missing', needed };
}
