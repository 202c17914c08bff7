import { createHash } from 'node:crypto';
import type { Entry } from '../../core/config/entry.ts';
import { PosternError } from '../../core/failure.ts';
import { runGit } from './run-git.ts';

/** Bytes of one file, as in the working tree. */
const MOST_BYTES = 256 * 1024;

/** The commit that is checked out; null outside a git repository, before the first commit, and without git. */
export async function headCommit(root: string): Promise<string | null> {
  const found = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  return found === null ? null : found.toString('utf8').trim();
}

/** The commit that a branch, tag or id names. Throws PosternError `commit-unknown` (exit 2). */
export async function resolveCommit(root: string, ref: string): Promise<string> {
  const found = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (found !== null) return found.toString('utf8').trim();
  throw new PosternError('commit-unknown', `There is no commit ${JSON.stringify(ref.slice(0, 200))} in ${root}.`, {
    hint: 'name a branch, tag or commit that was fetched: in Actions, actions/checkout needs fetch-depth: 0',
    exit: 2,
  });
}

/** One file under `domains/` of a commit. */
export interface CommittedFile {
  /** Below `domains/`, with slashes. */
  readonly path: string;
  /** The git id of its content. */
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
}

/** The regular files under `domains/` of a commit, by path. Links are left out: their target may be anything. */
export async function committedFiles(root: string, commit: string): Promise<readonly CommittedFile[]> {
  const listed = await mustGit(root, ['ls-tree', '-r', '-z', '-l', commit, '--', 'domains/']);
  return listed
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const found = /^100\d{3} blob ([0-9a-f]+) +(\d+)\tdomains\/(.+)$/s.exec(line);
      if (found === null) return [];
      return [{ path: found[3] ?? '', blob: found[1] ?? '', size: Number(found[2]) }];
    });
}

/** The content of committed files, as the reader of files would hand it over. */
export async function readCommitted(root: string, files: readonly CommittedFile[]): Promise<readonly Entry[]> {
  const readable = files.filter(({ size }) => size <= MOST_BYTES);
  const output = await mustGit(root, ['cat-file', '--batch'], readable.map(({ blob }) => `${blob}\n`).join(''));
  const entries: Entry[] = [];
  let at = 0;
  for (const { path } of readable) {
    const end = output.indexOf(0x0a, at);
    const size = Number(output.toString('latin1', at, end).split(' ')[2]);
    if (end < 0 || !Number.isInteger(size)) throw failure(root, 'cat-file', 'its output ended early');
    entries.push({ path, kind: 'file', bytes: new Uint8Array(output.subarray(end + 1, end + 1 + size)) });
    at = end + 1 + size + 1;
  }
  for (const { path, size } of files)
    if (size > MOST_BYTES) entries.push({ path, kind: 'too-large', bytes_limit: MOST_BYTES });
  return entries;
}

/**
 * The newest commit that holds a file under `domains/`, by its name: the one before its deletion, or the last that changed it
 * where the deletion is not committed yet. Null when history does not tell.
 */
export async function lastCommitOf(root: string, name: string): Promise<string | null> {
  const paths = [`domains/${name}`, `:(glob)domains/*/${name}`];
  const found = await git(root, ['log', '-1', '--format=%H', '--name-status', '--no-renames', '--', ...paths]);
  const [commit = '', ...changes] = (found?.toString('utf8') ?? '').split('\n').filter((line) => line !== '');
  if (commit === '') return null;
  return changes.every((line) => line.startsWith('D')) ? `${commit}^` : commit;
}

/** What git would call these bytes (SHA-1 repositories): a file whose id is the same need not be read again. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

async function mustGit(root: string, argv: readonly string[], input = ''): Promise<Buffer> {
  const output = await git(root, argv, input);
  if (output === null) throw failure(root, argv[0] ?? '', 'it ended with an error');
  return output;
}

async function git(root: string, argv: readonly string[], input = ''): Promise<Buffer | null> {
  const answer = await runGit(root, argv, { input });
  return answer.ok ? answer.output : null;
}

function failure(root: string, command: string, why: string): PosternError {
  return new PosternError('git', `git ${command} in ${root} failed: ${why}.`, { hint: 'run git fsck', exit: 3 });
}
