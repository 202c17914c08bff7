import { runGit } from './run-git.ts';

export interface Commit {
  readonly sha: string;
  /** RFC 3339 with the committer's offset: the time it came into this branch, as the committer says. */
  readonly at: string;
  readonly author: string;
  readonly subject: string;
  /** Paths below the folder that was asked for, relative to the repository. */
  readonly files: readonly string[];
}

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
  const answer = await runGit(root, ['log', ...options, `--until=${to}`, `--format=${format}`, '--', folder]);
  if (!answer.ok) return null;
  return answer.output
    .toString('utf8')
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

function trimmed(text: string): string {
  return text.replace(/^\n+/, '');
}
