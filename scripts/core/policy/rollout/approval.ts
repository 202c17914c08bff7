import type { DomainPlan } from '../plan/plan.ts';
import type { RecordedApproval } from '../versions/ledger-event.ts';
import { LEAST_TESTING_DAYS } from './promotion.ts';
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

export interface Change {
  readonly from: RolloutState;
  readonly to: RolloutState;
  /** A refusal was overridden, or fewer clean days were asked for. */
  readonly overridden: boolean;
}

/** The change that a plan makes, as approvals are counted for it. */
export function changeOf(
  { state, target, lifted }: Pick<DomainPlan, 'state' | 'target' | 'lifted'>,
  rollout: { readonly clean_days: number } | null,
): Change {
  const isEarly = target === 'enforce' && rollout !== null && rollout.clean_days < LEAST_TESTING_DAYS;
  return { from: state, to: target, overridden: lifted.length > 0 || isEarly };
}

/**
 * What the ledger keeps of a pull request that is merged already: what branch protection did not ask for was let through
 * past it, which is an exception that somebody has to look at (S30, S31).
 */
export function recordedApproval(
  { author, approvers }: Pick<Approval, 'author' | 'approvers'>,
  change: Change,
): RecordedApproval {
  const { verdict } = judgeApproval({ author, approvers, emergency: true }, change);
  return { author, approvers, exception: verdict === 'exception' };
}

/** People other than the author: two for retiring and for what is overridden, else one. */
export function approvalsNeeded({ from, to, overridden }: Change): number {
  return !isRollback({ from, to }) && (to === 'retiring' || overridden) ? 2 : 1;
}

/** Is the change approved by enough people? A rollback needs one, whoever is awake, also its author: mail comes first. */
export function judgeApproval({ author, approvers, emergency }: Approval, change: Change): ApprovalVerdict {
  if (isRollback(change) && approvers.length > 0) return { verdict: 'approved' };
  const others = new Set(approvers.map((name) => name.toLowerCase()).filter((name) => name !== author.toLowerCase()));
  const needed = approvalsNeeded(change);
  if (others.size >= needed) return { verdict: 'approved' };
  return emergency ? { verdict: 'exception' } : { verdict: 'missing', needed };
}

function isRollback({ from, to }: Pick<Change, 'from' | 'to'>): boolean {
  return from === 'enforce' && to === 'testing';
}
