import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly merged_at: string | null;
  /** The branch, its repository (`owner/name`, null when deleted) and its newest commit. */
  readonly head: { readonly branch: string; readonly repository: string | null; readonly sha: string };
  readonly base: string;
  readonly author: string;
  readonly labels: readonly string[];
  readonly url: string;
}

/** Pull requests from one branch of this repository, or all, in every state, newest first. */
export async function listPullRequests(
  { octokit, repository }: GitHub,
  { state = 'all', branch }: { readonly state?: 'open' | 'closed' | 'all'; readonly branch?: string } = {},
): Promise<readonly PullRequest[]> {
  const found = await octokit.paginate(octokit.rest.pulls.list, {
    ...repository,
    state,
    sort: 'created',
    direction: 'desc',
    per_page: 100,
    ...(branch === undefined ? {} : { head: `${repository.owner}:${branch}` }),
  });
  return found.map(pullRequestOf);
}

export async function getPullRequest({ octokit, repository }: GitHub, number: number): Promise<PullRequest | null> {
  try {
    return pullRequestOf((await octokit.rest.pulls.get({ ...repository, pull_number: number })).data);
  } catch (error) {
    if (isCode(error, 'github-not-found')) return null;
    throw error;
  }
}

/** The pull requests a commit came by; the newest merged one is the reason of the commit. */
export async function pullRequestsOfCommit(
  { octokit, repository }: GitHub,
  sha: string,
): Promise<readonly PullRequest[]> {
  try {
    const all = { ...repository, commit_sha: sha, per_page: 100 };
    return (await octokit.paginate(octokit.rest.repos.listPullRequestsAssociatedWithCommit, all)).map(pullRequestOf);
  } catch (error) {
    // A commit that GitHub does not have is answered with 422.
    if (isCode(error, 'github-not-found', 'github-invalid')) return [];
    throw error;
  }
}

export async function createPullRequest(
  { octokit, repository }: GitHub,
  {
    title,
    body,
    branch,
    base,
  }: { readonly title: string; readonly body: string; readonly branch: string; readonly base: string },
): Promise<PullRequest> {
  return pullRequestOf((await octokit.rest.pulls.create({ ...repository, title, body, head: branch, base })).data);
}

export async function updatePullRequest(
  { octokit, repository }: GitHub,
  number: number,
  change: { readonly title?: string; readonly body?: string; readonly state?: 'open' | 'closed' },
): Promise<PullRequest> {
  return pullRequestOf((await octokit.rest.pulls.update({ ...repository, pull_number: number, ...change })).data);
}

interface RawPullRequest {
  readonly number: number;
  readonly title: string;
  readonly body?: string | null;
  readonly state: string;
  readonly merged_at?: string | null;
  readonly head: { readonly ref: string; readonly sha: string; readonly repo?: { readonly full_name: string } | null };
  readonly base: { readonly ref: string };
  readonly user: { readonly login: string } | null;
  readonly labels: readonly { readonly name: string }[];
  readonly html_url: string;
}

function pullRequestOf(raw: RawPullRequest): PullRequest {
  return {
    number: raw.number,
    title: raw.title,
    body: raw.body ?? '',
    state: raw.state === 'closed' ? 'closed' : 'open',
    merged_at: raw.merged_at ?? null,
    head: { branch: raw.head.ref, repository: raw.head.repo?.full_name ?? null, sha: raw.head.sha },
    base: raw.base.ref,
    author: raw.user?.login ?? '',
    labels: raw.labels.map(({ name }) => name),
    url: raw.html_url,
  };
}
