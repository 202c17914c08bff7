import { join } from 'node:path';
import { instantOf, parseInstant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import { parseShard, WHOLE } from '#scripts/core/shard.ts';
import { readFrozenMonths } from '#scripts/tasks/month/frozen-months.ts';
import { gatherSite, type SiteSources } from '#scripts/tasks/site/gather-site.ts';
import type { MonthSource } from '../shared/view-models/months.ts';

/** What the pages are made of: the only place where the site opens the store. */
export interface Gathered {
  readonly sources: SiteSources;
  /** Frozen months, newest first. */
  readonly months: readonly MonthSource[];
}

let gathering: Promise<Gathered> | null = null;

/** Read once. It runs in Node as it stands (site/build/leave-to-node.ts), so that it is the same for the pages and for the build. */
export function gathered(): Promise<Gathered> {
  gathering ??= gather();
  return gathering;
}

/** For whoever has taken from it what the pages need: the lists that are in no order of domains are forgotten. */
export function forgetGathered(): void {
  gathering = null;
}

/** The build task sets the variables; without it, the example of this checkout as of now. */
async function gather(): Promise<Gathered> {
  const { POSTERN_ROOT: root = '.', POSTERN_DATA: data = join(root, 'data'), POSTERN_NOW: moment } = process.env;
  const now = moment === undefined ? instantOf(Date.now()) : parseInstant(moment);
  if (now === null)
    throw new PosternError('now-invalid', `POSTERN_NOW is ${moment}, which is not an RFC 3339 date-time.`, { exit: 2 });
  const shard = parseShard(process.env['POSTERN_SHARD'] ?? '') ?? WHOLE;
  return { sources: await gatherSite({ root, data, now, shard }), months: readFrozenMonths(data) };
}
