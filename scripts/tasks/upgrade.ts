import { PosternError } from '../core/failure.ts';
import { newestRelease, type Tree, upgradeTree, versionOf } from '../core/upgrade/ownership.ts';
import { upgradeBody } from '../core/upgrade/pull-request-text.ts';
import { type GitAnswer, type GitOptions, runGit } from '../io/git/run-git.ts';
import { connectGitHub } from '../io/github/connect.ts';
import { hasGitHub } from '../io/github/credentials.ts';
import { createPullRequest, listPullRequests, updatePullRequest } from '../io/github/pull-requests.ts';
import { getRepository } from '../io/github/repositories.ts';
import { unsharedBudget } from '../io/github/write-budget.ts';

export interface UpgradeResult {
  /** The release; null when this is the newest. */
  readonly release: string | null;
  /** Made here and, with GitHub at hand, pushed. */
  readonly branch: string | null;
  readonly pull_request: number | null;
  /** Somebody worked on the branch at GitHub: it and its pull request are left to them. */
  readonly left: boolean;
  readonly overwritten: readonly string[];
  readonly kept: readonly string[];
}

export interface UpgradeOptions {
  readonly root: string;
  /** The address of the repository that releases come from. */
  readonly from: string;
  /** `v1.4.0`; null: the newest. */
  readonly tag: string | null;
  /** The version of this checkout. */
  readonly version: string;
  readonly dry_run: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const COMMITTER = 'postern@users.noreply.github.com';
const PATIENCE = { patience: 10 * 60_000 };

/**
 * Makes a branch with the files of a release in place of the engine's, and what is the owner's as it is, and opens a pull
 * request for it. Nothing of it runs before somebody has read and merged it. Throws `upgrade` (exit 3), `release-unknown` (2).
 */
export async function upgrade(options: UpgradeOptions): Promise<UpgradeResult> {
  const { root, from, version, dry_run, environment } = options;
  const git = repository(root);
  const tags = await remoteTags(git, from);
  const release = options.tag ?? newestRelease(tags, version);
  if (release === null) return { release, branch: null, pull_request: null, left: false, overwritten: [], kept: [] };
  if (versionOf(release) === null || !tags.includes(release)) {
    throw new PosternError(
      'release-unknown',
      `there is no release ${JSON.stringify(release.slice(0, 80))} at ${from}`,
      {
        hint: `the newest are ${
          tags
            .filter((tag) => versionOf(tag) !== null)
            .slice(-5)
            .join(', ') || 'none'
        }`,
        exit: 2,
      },
    );
  }
  const head = await git.must(['rev-parse', '--verify', 'HEAD^{commit}']);
  const newer = await fetchTag(git, from, release);
  const older = tags.includes(`v${version}`) ? await fetchTag(git, from, `v${version}`) : null;
  const planned = upgradeTree({
    here: await treeOf(git, head),
    base: older === null ? null : await treeOf(git, older),
    release: await treeOf(git, newer),
  });
  const branch = `postern/upgrade-${release}`;
  const { overwritten, kept } = planned;
  const nothing = { release, branch, pull_request: null, left: false, overwritten, kept };
  if (dry_run) return nothing;
  if (hasGitHub(environment) && (await isSomebodys(git, branch))) return { ...nothing, left: true };

  const modes = new Map([...(await modesOf(git, head)), ...(await modesOf(git, newer))]);
  const commit = await commitTree(git, planned.tree, modes, head, `upgrade: ${release}`);
  await git.must(['update-ref', `refs/heads/${branch}`, commit]);
  if (!hasGitHub(environment)) return nothing;
  await git.must(['push', '--force', 'origin', `${commit}:refs/heads/${branch}`], PATIENCE);
  const changelog = await git.must(['show', `${newer}:CHANGELOG.md`]);
  const text = {
    title: `Upgrade Postern to ${release}`,
    body: upgradeBody({ release, version, changelog, overwritten, kept, knowsBase: older !== null }),
  };
  return { ...nothing, pull_request: await proposed(environment, branch, text) };
}

/** Does the branch at GitHub end in a commit that is not ours? Pushing over it would lose what a person mended there. */
async function isSomebodys(git: Repository, branch: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  if ((await git.must(['ls-remote', 'origin', ref], PATIENCE)) === '') return false;
  await git.must(['fetch', '--no-tags', '--depth=1', 'origin', `+${ref}:refs/postern/proposed`], PATIENCE);
  return (await git.must(['show', '--no-patch', '--format=%ce', 'refs/postern/proposed'])) !== COMMITTER;
}

async function proposed(
  environment: UpgradeOptions['environment'],
  branch: string,
  text: { readonly title: string; readonly body: string },
): Promise<number> {
  const github = await connectGitHub({ environment, budget: unsharedBudget() });
  const [open] = await listPullRequests(github, { state: 'open', branch });
  if (open !== undefined) {
    await updatePullRequest(github, open.number, text);
    return open.number;
  }
  const here = await getRepository(github);
  return (await createPullRequest(github, { ...text, branch, base: here?.default_branch ?? 'main' })).number;
}

interface Repository {
  readonly must: (argv: readonly string[], options?: GitOptions) => Promise<string>;
}

function repository(root: string): Repository {
  return {
    must: async (argv, options) => {
      const answer: GitAnswer = await runGit(root, argv, options);
      if (answer.ok) return answer.output.toString('utf8').trimEnd();
      const why = answer.complaint.split('\n').find((line) => line.trim() !== '') ?? 'no reason given';
      throw new PosternError('upgrade', `git ${argv[0]} failed: ${why.slice(0, 300)}`, {
        hint: /workflow/.test(answer.complaint)
          ? 'files under .github/workflows may only be pushed by an App with the permission workflows: write, or by a person: push the branch yourself'
          : 'nothing was changed but the branch; run again',
        exit: 3,
      });
    },
  };
}

async function remoteTags(git: Repository, from: string): Promise<readonly string[]> {
  const listed = await git.must(['ls-remote', '--tags', '--refs', '--end-of-options', from], PATIENCE);
  return listed.split('\n').flatMap((line) => /\trefs\/tags\/(\S+)$/.exec(line)?.[1] ?? []);
}

async function fetchTag(git: Repository, from: string, tag: string): Promise<string> {
  const ref = `refs/postern/releases/${tag}`;
  await git.must(['fetch', '--no-tags', '--depth=1', '--end-of-options', from, `+refs/tags/${tag}:${ref}`], PATIENCE);
  return git.must(['rev-parse', '--verify', `${ref}^{commit}`]);
}

async function treeOf(git: Repository, commit: string): Promise<Tree> {
  return new Map((await entriesOf(git, commit)).map(({ path, id }) => [path, id]));
}

async function modesOf(git: Repository, commit: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await entriesOf(git, commit)).map(({ path, mode }) => [path, mode]));
}

async function entriesOf(git: Repository, commit: string) {
  return (await git.must(['ls-tree', '-r', '-z', commit])).split('\0').flatMap((line) => {
    const found = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(line);
    return found === null ? [] : [{ mode: found[1] ?? '', id: found[2] ?? '', path: found[3] ?? '' }];
  });
}

/** Through an index of its own: the working tree and the owner's index stay as they are. */
async function commitTree(
  git: Repository,
  tree: Tree,
  modes: ReadonlyMap<string, string>,
  parent: string,
  message: string,
): Promise<string> {
  const folder = await git.must(['rev-parse', '--absolute-git-dir']);
  const environment = {
    GIT_INDEX_FILE: `${folder}/postern-upgrade-index`,
    GIT_AUTHOR_NAME: 'Postern',
    GIT_AUTHOR_EMAIL: COMMITTER,
    GIT_COMMITTER_NAME: 'Postern',
    GIT_COMMITTER_EMAIL: COMMITTER,
  };
  const input = [...tree].map(([path, id]) => `${modes.get(path) ?? '100644'} ${id}\t${path}\0`).join('');
  await git.must(['read-tree', '--empty'], { environment });
  await git.must(['update-index', '-z', '--index-info'], { environment, input });
  const written = await git.must(['write-tree'], { environment });
  return git.must(['commit-tree', written, '-p', parent, '-F', '-'], { environment, input: `${message}\n` });
}
