import { createHash } from 'node:crypto';
import type { Instant } from '../../core/clock.ts';
import { isKept } from '../../core/data-branch/kept.ts';
import type { SitePart } from '../../core/site/site-part.ts';
import { headCommit } from '../../io/git/repository.ts';
import { hashFolder } from '../../io/object-store/mounted.ts';
import { VERSION } from './gather-site.ts';

/** What a site is made of: two builds of the same state are the same. */
export async function siteState(
  root: string,
  data: string,
  at: Instant,
): Promise<Pick<SitePart, 'at' | 'version' | 'commit' | 'data'>> {
  const hash = createHash('sha256');
  for (const [path, sha256] of [...hashFolder(data, isKept)].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${sha256} ${path}\n`);
  return { at, version: VERSION, commit: await headCommit(root), data: hash.digest('hex') };
}
