import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

export interface Repository {
  readonly name: string;
  readonly default_branch: string;
  readonly private: boolean;
  readonly archived: boolean;
  readonly description: string;
  readonly has_pages: boolean;
  readonly owner_is_organisation: boolean;
}

/** Null when it does not exist, or the token may not see it. */
export async function getRepository({ octokit, repository }: GitHub): Promise<Repository | null> {
  try {
    return repositoryOf((await octokit.rest.repos.get({ ...repository })).data);
  } catch (error) {
    if (isCode(error, 'github-not-found')) return null;
    throw error;
  }
}

/** Whether any rule protects the branch, a ruleset or the older protection; null when it is not told. */
export async function isBranchProtected({ octokit, repository }: GitHub, branch: string): Promise<boolean | null> {
  try {
    return (await octokit.rest.repos.getBranch({ ...repository, branch })).data.protected;
  } catch (error) {
    if (isCode(error, 'github-not-found', 'github-forbidden')) return null;
    throw error;
  }
}

/**
 * Makes the repository with a first commit, so that it has a branch. For an organisation; a person's repositories can be
 * made only with that person's own token. Throws PosternError `github-invalid` when there is one already.
 */
export async function createRepository(
  { octokit, repository }: GitHub,
  { description, homepage }: { readonly description: string; readonly homepage: string },
): Promise<Repository> {
  const wanted = {
    name: repository.repo,
    description,
    homepage,
    private: false,
    auto_init: true,
    has_issues: false,
    has_projects: false,
    has_wiki: false,
  };
  try {
    return repositoryOf((await octokit.rest.repos.createInOrg({ org: repository.owner, ...wanted })).data);
  } catch (error) {
    if (!isCode(error, 'github-not-found')) throw error;
    return repositoryOf((await octokit.rest.repos.createForAuthenticatedUser(wanted)).data);
  }
}

/** It is fine when it was gone already. */
export async function deleteRepository({ octokit, repository }: GitHub): Promise<void> {
  try {
    await octokit.rest.repos.delete({ ...repository });
  } catch (error) {
    if (!isCode(error, 'github-not-found')) throw error;
  }
}

function repositoryOf(raw: {
  readonly name: string;
  readonly default_branch: string;
  readonly private: boolean;
  readonly archived: boolean;
  readonly description: string | null;
  readonly has_pages: boolean;
  readonly owner: { readonly type: string };
}): Repository {
  const { name, default_branch, private: isPrivate, archived, description, has_pages, owner } = raw;
  return {
    name,
    default_branch,
    private: isPrivate,
    archived,
    description: description ?? '',
    has_pages,
    owner_is_organisation: owner.type === 'Organization',
  };
}
