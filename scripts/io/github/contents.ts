import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

/** The text of one file on a branch or at a commit (up to 1 MB); null when there is none. */
export async function readContents(
  { octokit, repository }: GitHub,
  path: string,
  ref?: string,
): Promise<{ readonly text: string; readonly sha: string } | null> {
  try {
    const { data } = await octokit.rest.repos.getContent({
      ...repository,
      path,
      ...(ref === undefined ? {} : { ref }),
    });
    if (Array.isArray(data) || data.type !== 'file' || !('content' in data)) return null;
    return { text: Buffer.from(data.content, 'base64').toString('utf8'), sha: data.sha };
  } catch (error) {
    if (isCode(error, 'github-not-found')) return null;
    throw error;
  }
}

/** The one way to make the first commit of an empty repository. */
export async function createFile(
  { octokit, repository }: GitHub,
  { path, text, message }: { readonly path: string; readonly text: string; readonly message: string },
): Promise<void> {
  const content = Buffer.from(text, 'utf8').toString('base64');
  await octokit.rest.repos.createOrUpdateFileContents({ ...repository, path, message, content });
}
