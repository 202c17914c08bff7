/**
 * What belongs to the owner of a repository made from the template, and is never touched by an upgrade. Everything else is
 * the engine's and comes from the release. The schema files in `domains/` are made by the engine.
 */
export function isOwners(path: string): boolean {
  if (path.startsWith('domains/')) return !/^domains\/[^/]*schema\.json$/.test(path);
  return (
    path.startsWith('data/') || path === 'CODEOWNERS' || path === '.github/CODEOWNERS' || path === 'docs/CODEOWNERS'
  );
}

/** Files by path with the id of their content, of three commits. */
export type Tree = ReadonlyMap<string, string>;

export interface Upgrade {
  /** The new tree: content by path. */
  readonly tree: Tree;
  /** Files of the engine that the owner changed: the release replaces them, so it is said. */
  readonly overwritten: readonly string[];
  /** Files that the owner added outside `domains/` and `data/`: they stay. */
  readonly kept: readonly string[];
}

/**
 * The release, with what is the owner's from `here`. `base` is the release that `here` was made from: it tells what the owner
 * added or changed. Null when that is not known: then nothing that only `here` has is removed.
 */
export function upgradeTree({
  here,
  base,
  release,
}: {
  readonly here: Tree;
  readonly base: Tree | null;
  readonly release: Tree;
}): Upgrade {
  const tree = new Map<string, string>();
  for (const [path, id] of release) if (!isOwners(path)) tree.set(path, id);
  const kept: string[] = [];
  const overwritten: string[] = [];
  for (const [path, id] of here) {
    if (isOwners(path)) {
      tree.set(path, id);
      continue;
    }
    const was = base?.get(path);
    if (was === undefined && !release.has(path)) {
      tree.set(path, id);
      kept.push(path);
    } else if (was !== undefined && was !== id && release.get(path) !== id) overwritten.push(path);
  }
  return { tree, overwritten: overwritten.sort(), kept: kept.sort() };
}

/** A release as a tag names it, `v1.4.0`; others are no releases. */
export function versionOf(tag: string): readonly [number, number, number] | null {
  const found = /^v(\d+)\.(\d+)\.(\d+)$/.exec(tag);
  return found === null ? null : [Number(found[1]), Number(found[2]), Number(found[3])];
}

/** The newest release among the tags that is newer than `current`, `1.3.0`; null when there is none. */
export function newestRelease(tags: readonly string[], current: string): string | null {
  const now = versionOf(`v${current}`) ?? [0, 0, 0];
  let best: { tag: string; version: readonly [number, number, number] } | null = null;
  for (const tag of tags) {
    const version = versionOf(tag);
    if (version !== null && isNewer(version, best?.version ?? now)) best = { tag, version };
  }
  return best?.tag ?? null;
}

function isNewer(a: readonly [number, number, number], b: readonly [number, number, number]): boolean {
  for (const place of [0, 1, 2] as const) if (a[place] !== b[place]) return a[place] > b[place];
  return false;
}
