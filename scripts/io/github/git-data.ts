import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

/** A file of a commit: its text in UTF-8, or null to take it out. */
export interface FileChange {
  readonly path: string;
  readonly text: string | null;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

/** The commit a branch points at; null when there is no such branch, or nothing in the repository at all. */
export async function readBranch({ octokit, repository }: GitHub, branch: string): Promise<string | null> {
  try {
    return (await octokit.rest.git.getRef({ ...repository, ref: `heads/${branch}` })).data.object.sha;
  } catch (error) {
    if (isCode(error, 'github-not-found', 'github-conflict')) return null;
    throw error;
  }
}

export async function readCommit({ octokit, repository }: GitHub, sha: string): Promise<Commit> {
  const { data } = await octokit.rest.git.getCommit({ ...repository, commit_sha: sha });
  return {
    sha: data.sha,
    tree: data.tree.sha,
    parents: data.parents.map((parent) => parent.sha),
    message: data.message,
  };
}

/** Every file of a tree with the id of its content (`git hash-object`), folders walked through. */
export async function readTree({ octokit, repository }: GitHub, tree: string): Promise<ReadonlyMap<string, string>> {
  const { data } = await octokit.rest.git.getTree({ ...repository, tree_sha: tree, recursive: '1' });
  return new Map(data.tree.filter(({ type }) => type === 'blob').map(({ path, sha }) => [path ?? '', sha ?? '']));
}

/**
 * One commit with all changes at once, not yet on any branch. On top of a tree, or with `base` null from nothing: then it
 * holds just these files.
 */
export async function createCommit(
  { octokit, repository }: GitHub,
  {
    files,
    base,
    parents,
    message,
  }: {
    readonly files: readonly FileChange[];
    readonly base: string | null;
    readonly parents: readonly string[];
    readonly message: string;
  },
): Promise<string> {
  const tree = await octokit.rest.git.createTree({
    ...repository,
    ...(base === null ? {} : { base_tree: base }),
    tree: files.map(({ path, text }) => ({
      path,
      mode: '100644' as const,
      type: 'blob' as const,
      ...(text === null ? { sha: null } : { content: text }),
    })),
  });
  const commit = await octokit.rest.git.createCommit({
    ...repository,
    message,
    tree: tree.data.sha,
    parents: [...parents],
  });
  return commit.data.sha;
}

/** Throws PosternError `github-invalid` when the branch is there already. */
export async function createBranch({ octokit, repository }: GitHub, branch: string, sha: string): Promise<void> {
  await octokit.rest.git.createRef({ ...repository, ref: `refs/heads/${branch}`, sha });
}

/** Without `force` GitHub refuses (`github-invalid`) what is no fast-forward: nobody's commit is lost. */
export async function moveBranch(
  { octokit, repository }: GitHub,
  branch: string,
  sha: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<void> {
  await octokit.rest.git.updateRef({ ...repository, ref: `heads/${branch}`, sha, force });
}

/** It is fine when it was gone already. */
export async function deleteBranch({ octokit, repository }: GitHub, branch: string): Promise<void> {
  try {
    await octokit.rest.git.deleteRef({ ...repository, ref: `heads/${branch}` });
  } catch (error) {
    if (!isCode(error, 'github-not-found', 'github-invalid')) throw error;
  }
}
