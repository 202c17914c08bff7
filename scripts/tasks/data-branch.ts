import type { Instant } from '../core/clock.ts';
import { NOT_KEPT } from '../core/data-branch/kept.ts';
import { mergeFile } from '../core/data-branch/merge-file.ts';
import { PosternError } from '../core/failure.ts';
import { listFrozenMonths, readManifestText, sha256Of } from '../io/evidence/month-folders.ts';
import { DataBranch } from '../io/git/data-branch.ts';

export interface DataResult {
  readonly done:
    | 'mounted'
    | 'created'
    | 'unchanged'
    | 'saved'
    | 'squashed'
    | 'restored'
    | 'bundled'
    | 'differs'
    | 'unreadable';
  /** The commit of the branch now; null before there is one. */
  readonly commit: string | null;
}

export interface DataOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
}

/** Two runs that push at the same moment take turns; more than these mean that something else is wrong. */
const ATTEMPTS = 8;

/** Whether the folder differs from what was mounted; changes neither. */
export async function lookAtData({ root, data }: DataOptions): Promise<DataResult> {
  const branch = await DataBranch.open(root, data, NOT_KEPT);
  const here = await branch.here();
  const same = (await treeBefore(branch, here)) === (await branch.treeOfFolder());
  return { done: same ? 'unchanged' : 'differs', commit: here };
}

/** Puts the newest `data` branch into the folder. Without such a branch the folder stays as it is, and the first save makes it. */
export async function mountData({ root, data }: DataOptions): Promise<DataResult> {
  const branch = await DataBranch.open(root, data, NOT_KEPT);
  const commit = await branch.fetch();
  if (commit === null) return { done: 'created', commit: null };
  await branch.checkOut(commit);
  return { done: 'mounted', commit };
}

/**
 * Commits and pushes what changed in the folder; nothing when nothing did. When somebody pushed first, their changes and ours
 * are joined file by file (core/data-branch/merge-file.ts), put into the folder, and pushed again.
 */
export async function saveData(options: DataOptions & { readonly message: string }): Promise<DataResult> {
  const branch = await DataBranch.open(options.root, options.data, NOT_KEPT);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const here = await branch.here();
    const tree = await branch.treeOfFolder();
    if ((await treeBefore(branch, here)) === tree) return { done: 'unchanged', commit: here };
    const commit = await branch.commit(tree, here === null ? [] : [here], `${options.message}\n`);
    if ((await branch.push(commit)) === 'pushed') return { done: 'saved', commit };
    await join(branch, here, tree);
  }
  throw busy();
}

function busy(): PosternError {
  return new PosternError('data-branch-busy', `the data branch moved ${ATTEMPTS} times while this run tried to push`, {
    hint: 'run again; workflows that write data should share the concurrency group postern-data',
    exit: 3,
  });
}

async function treeBefore(branch: DataBranch, here: string | null): Promise<string> {
  return here === null ? EMPTY_TREE : branch.treeOf(here);
}

/** Puts what was pushed since `here` into the folder, joined with what stands there. */
async function join(branch: DataBranch, here: string | null, ours: string): Promise<void> {
  const theirs = await branch.fetch();
  if (theirs === null) return;
  // Without a common commit (the branch was squashed, or is new here) everything counts as added by both.
  const merged = await joinedTree(branch, { base: here ?? EMPTY_TREE, ours, theirs });
  for (const [path, { to }] of await branch.changes(ours, merged)) if (to === null) branch.removeFromFolder(path);
  // The folder is the joined tree from here on, and the branch's newest commit what it came from.
  await branch.checkOut(await branch.commit(merged, [theirs], 'joined\n'));
  await branch.moveTo(theirs);
}

/** `theirs` with what `ours` changed since `base`; of what both changed, mergeFile decides. */
async function joinedTree(
  branch: DataBranch,
  { base, ours, theirs }: { readonly base: string; readonly ours: string; readonly theirs: string },
): Promise<string> {
  const [mine, other] = [await branch.changes(base, ours), await branch.changes(base, theirs)];
  const files = new Map<string, { readonly blob: string } | { readonly text: string } | null>();
  for (const [path, { from, to }] of mine) {
    const pushed = other.get(path);
    if (pushed === undefined) {
      files.set(path, to === null ? null : { blob: to });
      continue;
    }
    const [before, one, two] = [
      await branch.readBlob(from),
      await branch.readBlob(to),
      await branch.readBlob(pushed.to),
    ];
    const text = mergeFile(path, { base: before, ours: one, theirs: two });
    files.set(path, text === null ? null : text === two && pushed.to !== null ? { blob: pushed.to } : { text });
  }
  return branch.treeWith(theirs, files);
}

/** git's name for a folder without files. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * Replaces the history of the branch by one commit with the same files, so that the repository stays small. Its message keeps
 * what it replaced and the hash of the newest manifest: the chain of months lies in the files and is not touched.
 */
export async function squashData(options: DataOptions): Promise<DataResult> {
  const { root, data, now } = options;
  const branch = await DataBranch.open(root, data, NOT_KEPT);
  const commit = await branch.fetch();
  if (commit === null) return { done: 'unchanged', commit: null };
  const newest = listFrozenMonths(data).at(-1);
  const manifest = newest === undefined ? null : readManifestText(data, newest);
  const message = [
    `data: history up to ${now.slice(0, 10)} in one commit`,
    '',
    `Replaces: ${commit}`,
    ...(newest === undefined || manifest === null ? [] : [`Manifest: ${newest} ${sha256Of(manifest)}`]),
    '',
  ].join('\n');
  const squashed = await branch.commit(await branch.treeOf(commit), [], message);
  if ((await branch.push(squashed, commit)) === 'pushed') return { done: 'squashed', commit: squashed };
  throw new PosternError('data-branch-busy', 'another run pushed to the data branch while its history was replaced', {
    hint: 'nothing was changed; run again',
    exit: 3,
  });
}

/**
 * Pushes the branch anew after it was lost: from a bundle, or from what this checkout last saw of it. A run in between has begun
 * a new one: what that holds is added to what is restored. One that still is what it was is never replaced.
 */
export async function restoreData(options: DataOptions & { readonly bundle: string | null }): Promise<DataResult> {
  const { root, data, bundle } = options;
  const branch = await DataBranch.open(root, data, NOT_KEPT);
  const lost = bundle === null ? await branch.here() : await branch.readBundle(bundle);
  if (lost === null) {
    throw new PosternError('data-branch-unknown', 'this checkout has never seen the data branch', {
      hint: 'name a bundle: npx postern data restore data-2026-10.bundle',
      exit: 2,
    });
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const begun = await branch.fetch();
    if (begun !== null && (await isSameData(branch, begun, lost))) {
      throw new PosternError('data-branch-there', 'the data branch is there; restoring would replace it', {
        hint: 'to go back to an older state, delete the branch at GitHub first',
        exit: 2,
      });
    }
    const commit = begun === null ? lost : await withBegun(branch, lost, begun);
    if ((await branch.push(commit)) === 'behind') continue;
    await branch.checkOut(commit);
    return { done: 'restored', commit };
  }
  throw busy();
}

/** What was restored came first, so it is what the new branch's files are added to. */
async function withBegun(branch: DataBranch, lost: string, begun: string): Promise<string> {
  const tree = await joinedTree(branch, { base: EMPTY_TREE, ours: begun, theirs: lost });
  return branch.commit(tree, [begun, lost], 'data: restored, with what was found since it was lost\n');
}

/** One follows the other, or, after a squash, both hold a file that is written once. A branch that was begun anew has none of them. */
async function isSameData(branch: DataBranch, one: string, other: string): Promise<boolean> {
  if (await branch.areRelated(one, other)) return true;
  const [mine, theirs] = [await branch.changes(EMPTY_TREE, one), await branch.changes(EMPTY_TREE, other)];
  return [...mine].some(([path, { to }]) => theirs.get(path)?.to === to);
}

/** The branch with its history in one file, to be kept elsewhere. */
export async function bundleData(options: DataOptions & { readonly file: string }): Promise<DataResult> {
  const branch = await DataBranch.open(options.root, options.data, NOT_KEPT);
  const commit = await branch.here();
  if (commit === null) {
    throw new PosternError('data-branch-unknown', 'this checkout has never seen the data branch', {
      hint: 'npx postern data mount comes first',
      exit: 2,
    });
  }
  await branch.writeBundle(commit, options.file);
  return { done: 'bundled', commit };
}
