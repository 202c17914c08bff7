import { editYaml } from '../../core/config/yaml/edit.ts';
import { branchOf, PROPOSAL_KINDS, type Proposal } from '../../core/policy/rollout/proposal.ts';
import { markerOf, proposalBody } from '../../core/policy/rollout/proposal-text.ts';
import type { GitHub } from '../../io/github/connect.ts';
import { readContents } from '../../io/github/contents.ts';
import {
  createBranch,
  createCommit,
  deleteBranch,
  moveBranch,
  readBranch,
  readCommit,
} from '../../io/github/git-data.ts';
import {
  createPullRequest,
  listPullRequests,
  type PullRequest,
  updatePullRequest,
} from '../../io/github/pull-requests.ts';

export interface ProposalOutcome {
  readonly kind: Proposal['kind'];
  readonly domain: string;
  readonly action: 'opened' | 'updated' | 'unchanged' | 'declined' | 'closed' | 'kept' | 'done' | 'would-open';
  readonly title: string;
  /** Null where there is no pull request. */
  readonly number: number | null;
  readonly url: string | null;
}

export interface Repository {
  readonly github: GitHub;
  /** The branch that pull requests go to. */
  readonly base: string;
  /** Set when GitHub starts no checks for what we open. */
  readonly press_note: string | null;
}

const PREFIX = 'postern: ';

/** Brings the pull request of one proposal in line; nothing is written when it is already so. */
export async function applyProposal(
  proposal: Proposal,
  { github, base, press_note }: Repository,
): Promise<ProposalOutcome> {
  const branch = branchOf(proposal);
  const { kind, domain, title, file, edits } = proposal;
  const outcome = (action: ProposalOutcome['action'], pull: PullRequest | null): ProposalOutcome => ({
    kind,
    domain,
    action,
    title,
    number: pull?.number ?? null,
    url: pull?.url ?? null,
  });
  const before = await readContents(github, file, base);
  const text = before === null ? null : edits === 'delete' ? null : editYaml(before.text, edits);
  if (before === null || text === before.text) return outcome('done', null);

  const pulls = (await listPullRequests(github, { branch })).filter(({ base: to }) => to === base);
  const open = pulls.find(({ state }) => state === 'open') ?? null;
  const marker = markerOf(proposal);
  // Closed by a person and not merged: respected until something else is proposed.
  if (open === null && pulls[0]?.merged_at === null && pulls[0].body.includes(marker))
    return outcome('declined', pulls[0]);

  const moved = await bringBranch(github, { branch, base, file, text, message: `${PREFIX}${title}` });
  if (moved === 'kept') return outcome('kept', open);
  const body = proposalBody(proposal, press_note);
  if (open === null) return outcome('opened', await createPullRequest(github, { title, body, branch, base }));
  if (!moved && open.title === title && open.body.trim() === body.trim()) return outcome('unchanged', open);
  return outcome('updated', await updatePullRequest(github, open.number, { title, body }));
}

interface Wanted {
  readonly branch: string;
  readonly base: string;
  readonly file: string;
  readonly text: string | null;
  readonly message: string;
}

/** Whether the branch was moved; `kept`: somebody else worked on it, so it is theirs. */
async function bringBranch(github: GitHub, wanted: Wanted): Promise<boolean | 'kept'> {
  const { branch, base, file, text, message } = wanted;
  const tip = await readBranch(github, branch);
  if (tip !== null) {
    const { message: last } = await readCommit(github, tip);
    if (!last.startsWith(PREFIX)) return 'kept';
    const there = await readContents(github, file, branch);
    if ((there?.text ?? null) === text) return false;
  }
  const head = await readBranch(github, base);
  if (head === null) throw new RangeError(`the branch ${base} is gone`);
  const { tree } = await readCommit(github, head);
  const commit = await createCommit(github, { files: [{ path: file, text }], base: tree, parents: [head], message });
  if (tip === null) await createBranch(github, branch, commit);
  else await moveBranch(github, branch, commit, { force: true });
  return true;
}

/** Closes our open pull requests whose reason is gone. Those of other branches and of people are not looked at. */
export async function closeSettled(
  due: readonly Proposal[],
  { github, base }: Repository,
  domains: ReadonlySet<string>,
): Promise<readonly ProposalOutcome[]> {
  const wanted = new Set(due.map(branchOf));
  const outcomes: ProposalOutcome[] = [];
  for (const pull of await listPullRequests(github, { state: 'open' })) {
    const found = /^postern\/([a-z-]+)\/(.+)$/.exec(pull.head.branch);
    const kind = PROPOSAL_KINDS.find((known) => known === found?.[1]);
    const isOurs = pull.base === base && pull.body.includes('<!-- postern:advance ');
    if (found === null || kind === undefined || !isOurs || wanted.has(pull.head.branch) || !domains.has(found[2] ?? ''))
      continue;
    const { message } = await readCommit(github, pull.head.sha);
    if (!message.startsWith(PREFIX)) continue;
    const body = `The reason is gone: what this proposed is not due any more.\n\n${pull.body.replace(/<!-- postern:advance [^>]*-->/, '')}`;
    const closed = await updatePullRequest(github, pull.number, { state: 'closed', body });
    await deleteBranch(github, pull.head.branch);
    outcomes.push({
      kind,
      domain: found[2] ?? '',
      action: 'closed',
      title: pull.title,
      number: closed.number,
      url: closed.url,
    });
  }
  return outcomes;
}
