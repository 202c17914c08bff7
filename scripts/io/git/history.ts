import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Commit {
  readonly sha: string;
  /** RFC 3339 with the committer's offset: the time it came into this branch, as the committer says. */
  readonly at: string;
  readonly author: string;
  readonly subject: string;
  /** Paths below the folder that was asked for, relative to the repository. */
  readonly files: readonly string[];
}

const MAX_OUTPUT = 64 * 2 ** 20;
/** Neither can stand in a message or a path that git prints with -z. */
const [RECORD, FIELD] = ['\u001e', '\u001f'];

/**
 * The commits of the current branch from `from` to `to` (RFC 3339) that touched `folder`, oldest first; null outside a git
 * repository. With merges by their first parent: what came in by a pull request is one commit.
 */
export async function commitsTouching(
  root: string,
  { folder, from, to }: { readonly folder: string; readonly from: string; readonly to: string },
): Promise<readonly Commit[] | null> {
  const format = `${RECORD}%H${FIELD}%cI${FIELD}%an${FIELD}%s${FIELD}`;
  const options = ['--first-parent', '--reverse', '--diff-merges=first-parent', '--name-only', '-z', `--since=${from}`];
  const text = await git(root, ['log', ...options, `--until=${to}`, `--format=${format}`, '--', folder]);
  if (text === null) return null;
  return text
    .split(RECORD)
    .slice(1)
    .map((record) => {
      const [sha = '', at = '', author = '', subject = '', files = ''] = record.split(FIELD);
      return {
        sha,
        at,
        author,
        subject,
        files: files
          .split('\0')
          .map(trimmed)
          .filter((file) => file !== ''),
      };
    });
}

/** The commit that is checked out; null outside a git repository, or before the first commit. */
export async function headCommit(root: string): Promise<string | null> {
  return (await git(root, ['rev-parse', '--verify', 'HEAD']))?.trim() ?? null;
}

function trimmed(text: string): string {
  return text.replace(/^\n+/, '');
}

/** Null when git says that this is no repository (128), or there is no git. */
async function git(root: string, words: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', root, ...words], { maxBuffer: MAX_OUTPUT });
    return stdout;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 128 || code === 'ENOENT') return null;
    throw error;
  }
}
