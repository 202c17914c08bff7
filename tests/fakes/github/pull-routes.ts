import { type Context, notFound, Refused, type Routes, userOf } from './route.ts';
import {
  commitFiles,
  type FakeCheck,
  type FakePull,
  type FakeRepository,
  filesOf,
  fileText,
  type World,
} from './world.ts';

export const PULL_ROUTES: Routes = {
  'GET /repos/{owner}/{repo}/pulls': (context) => {
    const { repository, call } = context;
    const state = call.query.get('state') ?? 'open';
    const head = call.query.get('head');
    const found = [...repository.pulls.values()].filter(
      (pull) =>
        (state === 'all' || pull.state === state) && (head === null || head === `${repository.owner}:${pull.head}`),
    );
    return { status: 200, list: found.sort((a, b) => b.number - a.number).map((pull) => pullView(context, pull)) };
  },
  'POST /repos/{owner}/{repo}/pulls': (context) => {
    const { world, repository, actor, body } = context;
    const [head, base] = [String(body['head']), String(body['base'])];
    const sha = repository.refs.get(`refs/heads/${head}`);
    if (sha === undefined) throw invalid('head');
    if (!repository.refs.has(`refs/heads/${base}`)) throw invalid('base');
    if (repository.refs.get(`refs/heads/${base}`) === sha) throw custom(`No commits between ${base} and ${head}`);
    if (
      [...repository.pulls.values()].some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)
    )
      throw custom(`A pull request already exists for ${repository.owner}:${head}.`);
    const pull: FakePull = {
      number: repository.nextNumber++,
      id: world.nextId++,
      title: String(body['title']),
      body: String(body['body'] ?? ''),
      state: 'open',
      head,
      base,
      author: actor,
      merged_at: null,
      merge_commit_sha: null,
      created_at: world.now,
      updated_at: world.now,
      head_sha: sha,
      reviews: [],
      comments: [],
    };
    repository.pulls.set(pull.number, pull);
    return { status: 201, body: pullView(context, pull) };
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': (context) => ({
    status: 200,
    body: pullView(context, pullOf(context)),
  }),
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': (context) => {
    const pull = pullOf(context);
    const { title, body, state } = context.body;
    if (title !== undefined) pull.title = String(title);
    if (body !== undefined) pull.body = String(body);
    if (state === 'open' || state === 'closed') pull.state = state;
    pull.updated_at = context.world.now;
    return { status: 200, body: pullView(context, pull) };
  },
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': (context) => {
    const { repository, call } = context;
    const sha = call.path['commit_sha'] ?? '';
    if (repository.objects.get(sha)?.type !== 'commit') throw new Refused(422, `No commit found for SHA: ${sha}`);
    const found = [...repository.pulls.values()].filter(
      (pull) => pull.merge_commit_sha === sha || pull.head_sha === sha,
    );
    return { status: 200, list: found.map((pull) => pullView(context, pull)) };
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (context) => {
    const pull = pullOf(context);
    return { status: 200, list: pull.reviews.map((review, index) => reviewView(context, pull, review, index)) };
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': (context) => {
    const { repository, call } = context;
    const runs = repository.checks.filter(({ sha }) => sha === call.path['ref']);
    const body = { total_count: runs.length, check_runs: runs.map((run, index) => checkView(context, run, index)) };
    return { status: 200, body };
  },
};

function reviewView(context: Context, pull: FakePull, review: FakePull['reviews'][number], index: number): unknown {
  const url = `https://github.com/${context.repository.owner}/${context.repository.name}/pull/${pull.number}#review-${index}`;
  const { author, state } = review;
  return {
    id: pull.id * 100 + index,
    node_id: `PRR_${pull.id}_${index}`,
    user: userOf(context, author),
    body: '',
    state,
    html_url: url,
    pull_request_url: url,
    author_association: 'MEMBER',
    commit_id: pull.head_sha,
    submitted_at: pull.updated_at,
    _links: { html: { href: url }, pull_request: { href: url } },
  };
}

function checkView({ repository }: Context, { sha, name, conclusion }: FakeCheck, index: number): unknown {
  const url = `https://api.github.com/repos/${repository.owner}/${repository.name}/check-runs/${index}`;
  return {
    id: index + 1,
    node_id: `CR_${index}`,
    head_sha: sha,
    external_id: '',
    name,
    url,
    html_url: url,
    details_url: url,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    started_at: null,
    completed_at: null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: url },
    check_suite: null,
    app: null,
    pull_requests: [],
  };
}

/** As a person presses "Squash and merge": the branch's files become one commit on the base. Returns that commit. */
export function mergePull(world: World, repository: FakeRepository, number: number): string {
  const pull = repository.pulls.get(number);
  const head = pull === undefined ? undefined : repository.refs.get(`refs/heads/${pull.head}`);
  if (pull === undefined || head === undefined || pull.state !== 'open')
    throw new Error(`pull request ${number} cannot be merged`);
  const [ours, base] = [filesOf(repository, head), repository.refs.get(`refs/heads/${pull.base}`)];
  const theirs = base === undefined ? new Map<string, string>() : filesOf(repository, base);
  const changes: Record<string, string | null> = {};
  for (const [path, blob] of ours) if (theirs.get(path) !== blob) changes[path] = fileText(repository, pull.head, path);
  for (const path of theirs.keys()) if (!ours.has(path)) changes[path] = null;
  const sha = commitFiles(world, repository, pull.base, changes, `${pull.title} (#${number})`);
  Object.assign(pull, {
    state: 'closed',
    merged_at: world.now,
    merge_commit_sha: sha,
    updated_at: world.now,
    head_sha: head,
  });
  return sha;
}

function pullOf({ repository, call }: Context): FakePull {
  const pull = repository.pulls.get(Number(call.path['pull_number']));
  if (pull === undefined) throw notFound();
  return pull;
}

function pullView(context: Context, pull: FakePull): unknown {
  const { repository } = context;
  const full = `${repository.owner}/${repository.name}`;
  const end = (ref: string, sha: string) => ({
    ref,
    sha,
    label: `${repository.owner}:${ref}`,
    user: userOf(context, repository.owner),
    repo: { full_name: full, name: repository.name, id: repository.id, owner: userOf(context, repository.owner) },
  });
  const headSha = pull.state === 'open' ? repository.refs.get(`refs/heads/${pull.head}`) : undefined;
  const { author, reviews, comments, ...rest } = pull;
  return {
    ...rest,
    head_sha: undefined,
    comments: comments.length,
    review_comments: reviews.length,
    user: userOf(context, author),
    head: end(pull.head, headSha ?? pull.head_sha),
    base: end(pull.base, repository.refs.get(`refs/heads/${pull.base}`) ?? ''),
    html_url: `https://github.com/${full}/pull/${pull.number}`,
    author_association: 'NONE',
    labels: [],
    merged: pull.merged_at !== null,
    mergeable_state: 'clean',
  };
}

function invalid(field: string): Refused {
  return new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
}

function custom(message: string): Refused {
  return new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
}
