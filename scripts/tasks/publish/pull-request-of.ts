import { PosternError } from '../../core/failure.ts';

/**
 * The pull request that a commit was merged by, for the ledger. Null without GitHub, without one, and also when GitHub does
 * not answer: a policy does not wait for a remark about it.
 */
export async function pullRequestOf(
  commit: string | null,
  data: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number | null> {
  const hasAccess = environment['GITHUB_TOKEN'] || environment['POSTERN_APP_KEY'];
  if (commit === null || !environment['GITHUB_REPOSITORY'] || !hasAccess) return null;
  const [{ openGitHub }, { pullRequestsOfCommit }] = await Promise.all([
    import('../connect-github.ts'),
    import('../../io/github/pull-requests.ts'),
  ]);
  try {
    const found = await pullRequestsOfCommit(await openGitHub(data, environment), commit);
    const merged = found.filter(({ merged_at }) => merged_at !== null).map(({ number }) => number);
    return merged.length === 0 ? null : Math.max(...merged);
  } catch (error) {
    if (error instanceof PosternError) return null;
    throw error;
  }
}
