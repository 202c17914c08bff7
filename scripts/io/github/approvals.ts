import type { GitHub } from './connect.ts';

export interface Review {
  readonly author: string;
  /** `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED` or `PENDING`. */
  readonly state: string;
}

/** The reviews of a pull request, in the order they were given. */
export async function listReviews({ octokit, repository }: GitHub, number: number): Promise<readonly Review[]> {
  const all = { ...repository, pull_number: number, per_page: 100 };
  const found = await octokit.paginate(octokit.rest.pulls.listReviews, all);
  return found.map(({ user, state }) => ({ author: user?.login ?? 'ghost', state }));
}

/** How the checks of a commit ended: each conclusion once; `null` for one that still runs. */
export async function checkConclusions(
  { octokit, repository }: GitHub,
  sha: string,
): Promise<readonly (string | null)[]> {
  const all = { ...repository, ref: sha, per_page: 100 };
  const found = await octokit.paginate(octokit.rest.checks.listForRef, all);
  return [...new Set(found.map(({ conclusion }) => conclusion))];
}
