import { PosternError } from '../core/failure.ts';
import { getPages } from '../io/github/pages.ts';
import { openGitHub } from './connect-github.ts';

const MISSING =
  'This repository has no Pages site, so the reports site stays an artifact of the run.\n' +
  '  hint: Settings → Pages → Source: GitHub Actions shows it at an address; site.visibility: artifact says that it shall not';

/**
 * What to tell a workflow that would deploy the reports site where there is no Pages site, as in a private repository of the
 * free plan; null when there is one, or when nobody can tell here.
 */
export async function missingPages(options: {
  readonly data: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<string | null> {
  const { data, environment } = options;
  if (environment['GITHUB_ACTIONS'] !== 'true' || !environment['GITHUB_TOKEN']) return null;
  try {
    return (await getPages(await openGitHub(data, environment))) === null ? MISSING : null;
  } catch (error) {
    // A token that may not look, or no answer: the site is built, and the deployment says itself what is missing.
    if (error instanceof PosternError) return null;
    throw error;
  }
}
