import { editYaml } from '../../core/config/yaml/edit.ts';
import { policyDiff } from '../../core/policy/plan/policy-diff.ts';
import type { Proposal } from '../../core/policy/rollout/proposal.ts';
import { proposalBody } from '../../core/policy/rollout/proposal-text.ts';
import type { ProposalOutcome } from './apply-proposal.ts';

/** A pull request as it would be opened. */
export interface ProposedPullRequest extends ProposalOutcome {
  readonly body: string;
  /** The domain's file, line by line: `+ `, `- ` or two spaces before each. */
  readonly diff: readonly string[];
}

/** `text`: the file as it is here. */
export function wouldOpen(proposal: Proposal, text: string): ProposedPullRequest {
  const { kind, domain, title, edits } = proposal;
  const diff = policyDiff(text, edits === 'delete' ? null : editYaml(text, edits));
  const nothing = { number: null, url: null } as const;
  return { kind, domain, title, action: 'would-open', ...nothing, body: proposalBody(proposal, null), diff };
}
