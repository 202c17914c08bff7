import { type Instant, instantOf } from '../../core/clock.ts';
import { approvers, type Change, type ChangeFacts, checksWord } from '../../core/month/changes.ts';
import { firstDay, lastDay, type Month } from '../../core/month/period.ts';
import { type Commit, commitsTouching } from '../../io/git/history.ts';
import { checkConclusions, listReviews } from '../../io/github/approvals.ts';
import { connectGitHub, type GitHub } from '../../io/github/connect.ts';
import { hasGitHub } from '../../io/github/credentials.ts';
import { pullRequestsOfCommit } from '../../io/github/pull-requests.ts';
import { unsharedBudget } from '../../io/github/write-budget.ts';

/**
 * The commits of a month that touched `domains/`, and what GitHub says of their pull requests where a token lets us ask. An
 * outage of GitHub is thrown: a month is frozen once, so it waits for the next run and does not say "not known" for ever.
 */
export async function monthChanges({
  root,
  period,
  environment,
}: {
  readonly root: string;
  readonly period: Month;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<ChangeFacts> {
  const [from, to] = [`${firstDay(period)}T00:00:00Z`, `${lastDay(period)}T23:59:59Z`];
  const commits = await commitsTouching(root, { folder: 'domains', from, to });
  if (commits === null) return { source: 'none', changes: [] };
  if (!hasGitHub(environment)) return { source: 'git', changes: commits.map((commit) => changeOf(commit, null)) };
  const github = await connectGitHub({ environment, budget: unsharedBudget() });
  const changes: Change[] = [];
  for (const commit of commits) changes.push(changeOf(commit, await pullRequestOf(github, commit.sha)));
  return { source: 'github', changes };
}

async function pullRequestOf(github: GitHub, sha: string): Promise<Change['pull_request']> {
  const merged = (await pullRequestsOfCommit(github, sha)).filter(({ merged_at }) => merged_at !== null);
  const [request] = merged.sort((a, b) => b.number - a.number);
  if (request === undefined) return null;
  return {
    number: request.number,
    author: request.author,
    approved_by: approvers(await listReviews(github, request.number)),
    checks: checksWord(await checkConclusions(github, request.head.sha)),
  };
}

function changeOf({ sha, at, author, subject, files }: Commit, pull_request: Change['pull_request']): Change {
  return { commit: sha, at: utc(at), author, subject, files, pull_request };
}

function utc(at: string): Instant {
  return instantOf(Date.parse(at));
}
