import { type Instant, instantOf } from '../core/clock.ts';
import type { Change, ChangeFacts } from '../core/month/changes.ts';
import { firstDay, lastDay, type Month } from '../core/month/period.ts';
import { commitsTouching } from '../io/git/history.ts';

/** The commits of a month that touched `domains/`, and what GitHub says of their pull requests, where it can be asked. */
export async function monthChanges({
  root,
  period,
}: {
  readonly root: string;
  readonly period: Month;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<ChangeFacts> {
  const [from, to] = [`${firstDay(period)}T00:00:00Z`, `${lastDay(period)}T23:59:59Z`];
  const commits = await commitsTouching(root, { folder: 'domains', from, to });
  if (commits === null) return { source: 'none', changes: [] };
  const changes = commits.map(({ sha, at, author, subject, files }): Change => {
    return { commit: sha, at: utc(at), author, subject, files, pull_request: null };
  });
  return { source: 'git', changes };
}

function utc(at: string): Instant {
  return instantOf(Date.parse(at));
}
