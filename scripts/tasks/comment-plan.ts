import { readFile, stat } from 'node:fs/promises';
import { PosternError } from '../core/failure.ts';
import type { Plan } from '../core/policy/plan/plan.ts';
import { PLAN_MARKER, planMarkdown } from '../core/policy/plan/plan-markdown.ts';
import { connectGitHub } from '../io/github/connect.ts';
import { addComment, listComments, updateComment } from '../io/github/issues.ts';
import { pullRequestsOfCommit } from '../io/github/pull-requests.ts';
import { unsharedBudget } from '../io/github/write-budget.ts';

export interface CommentResult {
  /** The pull requests whose newest commit this is; none when it was pushed over meanwhile. */
  readonly pull_requests: readonly number[];
  readonly done: 'created' | 'updated' | 'unchanged' | 'nothing';
}

/** A plan of ten thousand changed domains. */
const MOST_BYTES = 64 * 2 ** 20;
const SHA = /^[0-9a-f]{40}$/;

/**
 * Posts the plan that a pull request's own run made, as one comment that is kept up to date. The file comes from that run, so
 * a stranger may have written it: it is data, and our own code words it, each text in it made harmless. Which pull request it
 * belongs to, GitHub says, never the file. Throws `plan-unreadable`, `usage` (exit 2), and what `connectGitHub` throws.
 */
export async function commentPlan(options: {
  readonly file: string;
  readonly head: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly dry_run: boolean;
}): Promise<CommentResult & { readonly text: string }> {
  const { file, head, environment, dry_run } = options;
  if (!SHA.test(head)) {
    const hint = '--head takes the full SHA of the commit: github.event.workflow_run.head_sha';
    throw new PosternError('usage', `--head ${JSON.stringify(head.slice(0, 80))} is no commit`, { hint, exit: 2 });
  }
  const text = await wordedPlan(file);
  if (dry_run) return { pull_requests: [], done: 'nothing', text };
  const github = await connectGitHub({ environment, budget: unsharedBudget() });
  const requests = (await pullRequestsOfCommit(github, head)).filter(
    (one) => one.state === 'open' && one.head.sha === head,
  );
  let done: CommentResult['done'] = requests.length === 0 ? 'nothing' : 'unchanged';
  const author = await github.author();
  for (const { number } of requests) {
    const comments = await listComments(github, number);
    const ours = comments.find((one) => one.author === author && one.body.startsWith(PLAN_MARKER));
    if (ours?.body === text) continue;
    if (ours === undefined) await addComment(github, number, text);
    else await updateComment(github, ours.id, text);
    done = ours === undefined ? 'created' : 'updated';
  }
  return { pull_requests: requests.map(({ number }) => number), done, text };
}

async function wordedPlan(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw new RangeError(`it is larger than ${MOST_BYTES} bytes`);
    return planMarkdown(JSON.parse(await readFile(file, 'utf8')) as Plan);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new PosternError('plan-unreadable', `${file} is no plan: ${why.slice(0, 200)}`, {
      hint: 'it is what postern plan --json prints; the run of the pull request may have failed before it',
      exit: 2,
      cause,
    });
  }
}
