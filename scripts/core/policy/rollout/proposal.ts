import type { DomainName } from '../../../standards/domain-name.ts';
import type { Edit } from '../../config/yaml/edit.ts';
import type { Evidence } from '../../finding.ts';

export const PROPOSAL_KINDS = [
  'rollback',
  'mx-drift',
  'mx-narrowing',
  'promotion',
  'max-age',
  'next-keys',
  'removal',
] as const;
type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/** A change to one domain's file that is due, and why: what a pull request is made of. */
export interface Proposal {
  readonly kind: ProposalKind;
  readonly domain: DomainName;
  /** Relative to the root. */
  readonly file: string;
  /** What to change; `delete`: the file goes. */
  readonly edits: readonly Edit[] | 'delete';
  readonly title: string;
  /** One or two sentences: what happens when it is merged. */
  readonly summary: string;
  /** Each with what it rests on; text may be hostile. */
  readonly evidence: readonly Evidence[];
  /** What a person should look at before merging. */
  readonly checks: readonly string[];
}

/** One branch for each: the next run finds its own work again. */
export function branchOf({ kind, domain }: Pick<Proposal, 'kind' | 'domain'>): string {
  return `postern/${kind}/${domain}`;
}
