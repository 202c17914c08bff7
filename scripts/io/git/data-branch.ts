import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { type GitOptions, runGit } from './run-git.ts';

const BRANCH = 'refs/heads/data';
/** Where this checkout remembers the commit that its folder came from. */
const HERE = 'refs/postern/data';
const THERE = 'refs/postern/pushed';
const TRANSFER_MS = 10 * 60_000;
const AUTHOR = {
  GIT_AUTHOR_NAME: 'Postern',
  GIT_AUTHOR_EMAIL: 'postern@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'Postern',
  GIT_COMMITTER_EMAIL: 'postern@users.noreply.github.com',
};

/** How `push --porcelain` says that somebody was faster, before or in the very moment. */
const LATE = /^!.*\[(?:rejected\]|remote rejected\] \((?:cannot lock ref|failed to update ref|incorrect old value))/m;

/** What a push did: `behind` when somebody pushed first. */
export type Pushed = 'pushed' | 'behind';

/**
 * The branch that holds `data/`, worked on with the repository's own remote and credentials, but with an index of its own and
 * `data/` as the working tree: neither the main branch nor its index is touched.
 */
export class DataBranch {
  readonly #root: string;
  readonly #data: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(root: string, data: string, gitDir: string, excluded: readonly string[]) {
    this.#root = root;
    this.#data = data;
    const excludes = join(gitDir, 'postern-excludes');
    writeFileSync(excludes, `${excluded.join('\n')}\n`);
    this.#environment = {
      ...AUTHOR,
      GIT_DIR: gitDir,
      GIT_WORK_TREE: data,
      GIT_INDEX_FILE: join(gitDir, 'postern-index'),
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_0: 'core.excludesFile',
      GIT_CONFIG_VALUE_0: excludes,
      // What the owner's machine prefers must not change a byte.
      GIT_CONFIG_KEY_1: 'core.autocrlf',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_CONFIG_KEY_2: 'commit.gpgSign',
      GIT_CONFIG_VALUE_2: 'false',
    };
  }

  /** `excluded`: what of the folder is not the branch's, as git's patterns. @throws PosternError `not-a-repository` (exit 2) */
  static async open(root: string, data: string, excluded: readonly string[]): Promise<DataBranch> {
    const answer = await runGit(root, ['rev-parse', '--git-common-dir']);
    if (!answer.ok) {
      throw new PosternError('not-a-repository', `${root} is in no git repository`, {
        hint: 'the data branch is for checkouts on GitHub; without git, data/ is just a folder',
        exit: 2,
      });
    }
    mkdirSync(data, { recursive: true });
    return new DataBranch(root, resolve(data), resolve(root, answer.output.toString('utf8').trim()), excluded);
  }

  /** The commit at the remote; null when there is no such branch yet. Throws `data-branch` (exit 3). */
  async fetch(): Promise<string | null> {
    const listed = await this.#must(['ls-remote', 'origin', BRANCH], { patience: TRANSFER_MS });
    if (listed.trim() === '') return null;
    // One commit is enough to work on; where ours is known, git asks only for what came since.
    const depth = (await this.here()) === null ? ['--depth=1'] : [];
    await this.#must(['fetch', '--no-tags', ...depth, 'origin', `+${BRANCH}:${THERE}`], { patience: TRANSFER_MS });
    return (await this.#commit(THERE)) ?? null;
  }

  /** The commit that the folder came from; null before the first one. */
  here(): Promise<string | null> {
    return this.#commit(HERE);
  }

  /** From now on the folder counts as that commit's. */
  async moveTo(commit: string): Promise<void> {
    await this.#must(['update-ref', HERE, commit]);
  }

  /** Puts the files of a commit into the folder. */
  async checkOut(commit: string): Promise<void> {
    await this.#must(['read-tree', commit]);
    await this.#must(['checkout-index', '--all', '--force', '--quiet']);
    await this.moveTo(commit);
  }

  /** The folder as a tree; equal folders are equal trees. */
  async treeOfFolder(): Promise<string> {
    await this.#must(['add', '--all', '--', '.']);
    return this.#must(['write-tree']);
  }

  /** Whether both come from one commit, as far as this checkout knows their past. */
  async areRelated(one: string, other: string): Promise<boolean> {
    return (await this.#run(['merge-base', one, other])).ok;
  }

  async treeOf(commit: string): Promise<string> {
    return this.#must(['rev-parse', `${commit}^{tree}`]);
  }

  /** Paths that differ between two trees, with the blobs of both; null where one has no such file. */
  async changes(
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, { readonly from: string | null; readonly to: string | null }>> {
    const output = await this.#must(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to]);
    const fields = output.split('\0');
    const found = new Map<string, { from: string | null; to: string | null }>();
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const [, , before = '', after = ''] = (fields[index] ?? '').split(' ');
      found.set(fields[index + 1] ?? '', { from: blob(before), to: blob(after) });
    }
    return found;
  }

  async readBlob(id: string | null): Promise<string | null> {
    return id === null ? null : this.#must(['cat-file', 'blob', id], { raw: true });
  }

  /** The tree of `commit` with these files changed; null deletes. */
  async treeWith(
    commit: string,
    files: ReadonlyMap<string, { readonly blob: string } | { readonly text: string } | null>,
  ) {
    await this.#must(['read-tree', commit]);
    let input = '';
    for (const [path, file] of files) {
      if (file === null) {
        input += `0 ${'0'.repeat(40)}\t${path}\0`;
        continue;
      }
      const id = 'blob' in file ? file.blob : await this.#must(['hash-object', '-w', '--stdin'], { input: file.text });
      input += `100644 ${id}\t${path}\0`;
    }
    await this.#must(['update-index', '-z', '--index-info'], { input });
    return this.#must(['write-tree']);
  }

  commit(tree: string, parents: readonly string[], message: string): Promise<string> {
    return this.#must(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
      input: message,
    });
  }

  /**
   * Pushes a commit as the branch. `lease`: only while the branch is still that commit, history or not; without it only when
   * the commit follows what is there. Throws `data-branch` (exit 3) for anything but being late.
   */
  async push(commit: string, lease: string | null = null): Promise<Pushed> {
    const force = lease === null ? [] : [`--force-with-lease=${BRANCH}:${lease}`];
    const argv = ['push', '--porcelain', ...force, 'origin', `${commit}:${BRANCH}`];
    const answer = await this.#run(argv, { patience: TRANSFER_MS });
    if (answer.ok) {
      await this.moveTo(commit);
      return 'pushed';
    }
    if (LATE.test(answer.output.toString('utf8'))) return 'behind';
    throw failure('push', answer.complaint);
  }

  /** Everything of a commit in one file that `git fetch` reads. */
  async writeBundle(commit: string, file: string): Promise<void> {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    // A checkout holds only the newest commit; a bundle of that alone could not be read anywhere else.
    if ((await this.#must(['rev-parse', '--is-shallow-repository'])) === 'true')
      await this.#must(['fetch', '--no-tags', '--unshallow', 'origin', `+${BRANCH}:${THERE}`], {
        patience: TRANSFER_MS,
      });
    await this.#must(['update-ref', BRANCH.replace('heads', 'postern-bundle'), commit]);
    await this.#must(['bundle', 'create', resolve(file), BRANCH.replace('heads', 'postern-bundle')], {
      patience: TRANSFER_MS,
    });
  }

  /** The commit of a bundle, brought into this repository. */
  async readBundle(file: string): Promise<string> {
    if (!existsSync(file)) {
      throw new PosternError('path-missing', `there is no bundle at ${file}`, {
        hint: 'download data.bundle from the newest release month-… of this repository, or from the artifact evidence of the workflow monthly',
        exit: 2,
      });
    }
    await this.#must(['fetch', '--no-tags', resolve(file), `+${BRANCH.replace('heads', 'postern-bundle')}:${THERE}`], {
      patience: TRANSFER_MS,
    });
    return (await this.#commit(THERE)) ?? '';
  }

  /** Files that this folder holds and the branch does not may stay; files that the branch deleted go. */
  removeFromFolder(path: string): void {
    rmSync(join(this.#data, path), { force: true });
  }

  async #commit(ref: string): Promise<string | null> {
    const answer = await this.#run(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return answer.ok ? answer.output.toString('utf8').trim() : null;
  }

  async #must(argv: readonly string[], options: GitOptions & { readonly raw?: boolean } = {}): Promise<string> {
    const answer = await this.#run(argv, options);
    if (!answer.ok) throw failure(argv[0] ?? '', answer.complaint);
    const text = answer.output.toString('utf8');
    return options.raw === true || argv.includes('-z') ? text : text.trimEnd();
  }

  #run(argv: readonly string[], options: GitOptions = {}) {
    return runGit(this.#root, argv, { ...options, environment: { ...this.#environment, ...options.environment } });
  }
}

function blob(id: string): string | null {
  return /^0+$/.test(id) ? null : id;
}

function failure(command: string, complaint: string): PosternError {
  const why = complaint.split('\n').find((line) => line.trim() !== '') ?? 'no reason given';
  return new PosternError('data-branch', `git ${command} of the data branch failed: ${why.slice(0, 300)}`, {
    hint: 'the run can be repeated: nothing is lost. In Actions the job needs permission contents: write',
    exit: 3,
  });
}
