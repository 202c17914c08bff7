import { PosternError } from '../../core/failure.ts';
import { approvers } from '../../core/month/changes.ts';

/** The pull request that a commit was merged by. */
export interface MergedRequest {
  readonly number: number;
  readonly author: string;
  readonly approvers: readonly string[];
}

/**
 * Who stands behind a commit, for the ledger. Null without GitHub, without a pull request, and also when GitHub does not
 * answer: a policy does not wait for a remark about it.
 */
export async function mergedRequest(
  commit: string | null,
  data: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<MergedRequest | null> {
  const hasAccess = environment['GITHUB_TOKEN'] || environment['POSTERN_APP_KEY'];
  if (commit === null || !environment['GITHUB_REPOSITORY'] || !hasAccess) return null;
  const [{ openGitHub }, { pullRequestsOfCommit }, { listReviews }] = await Promise.all([
    import('../connect-github.ts'),
    import('../../io/github/pull-requests.ts'),
    import('../../io/github/approvals.ts'),
  ]);
  try {
    const github = await openGitHub(data, environment);
    const merged = (await pullRequestsOfCommit(github, commit)).filter(({ merged_at }) => merged_at !== null);
    const [newest] = merged.sort((a, b) => b.number - a.number);
    if (newest === undefined) return null;
    const { number, author } = newest;
    return { number, author, approvers: approvers(await listReviews(github, number)) };
  } catch (error) {
    if (error instanceof PosternError) return null;
    throw error;
  }
}
