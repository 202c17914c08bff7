import { type Answer, type Context, notFound, Refused, type Routes, userOf } from './route.ts';
import type { FakeEvent, FakeIssue, FakePull, World } from './world.ts';

/** Lists as they were at one moment: GitHub's lists may be minutes old. */
export interface StaleLists {
  readonly issues: ReadonlyMap<string, readonly FakeIssue[]>;
}

export function issueRoutes(stale: () => StaleLists | null): Routes {
  return {
    'GET /repos/{owner}/{repo}/issues': (context) => listIssues(context, stale()),
    'POST /repos/{owner}/{repo}/issues': createIssue,
    'GET /repos/{owner}/{repo}/issues/{issue_number}': (context) => ({
      status: 200,
      body: issueView(context, issueOf(context)),
    }),
    'PATCH /repos/{owner}/{repo}/issues/{issue_number}': updateIssue,
    'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': (context) => {
      const issue = issueOf(context);
      setLabels(context, issue, [...issue.labels, ...(context.body['labels'] as string[])]);
      return { status: 200, body: issue.labels.map((name) => labelView(context, name)) };
    },
    'PUT /repos/{owner}/{repo}/issues/{issue_number}/labels': (context) => {
      const issue = issueOf(context);
      setLabels(context, issue, context.body['labels'] as string[]);
      return { status: 200, body: issue.labels.map((name) => labelView(context, name)) };
    },
    'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': (context) => {
      const issue = issueOf(context);
      const name = context.call.path['name'] ?? '';
      if (!issue.labels.includes(name)) throw new Refused(404, 'Label does not exist');
      setLabels(
        context,
        issue,
        issue.labels.filter((label) => label !== name),
      );
      return { status: 200, body: issue.labels.map((label) => labelView(context, label)) };
    },
    'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees': (context) => {
      const issue = issueOf(context);
      setAssignees(context, issue, [...issue.assignees, ...((context.body['assignees'] ?? []) as string[])]);
      return { status: 201, body: issueView(context, issue) };
    },
    'GET /repos/{owner}/{repo}/assignees/{assignee}': ({ repository, call }) => {
      if (!repository.assignable.has(call.path['assignee'] ?? '')) throw notFound();
      return { status: 204 };
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (context) => ({
      status: 200,
      list: threadOf(context).comments.map((comment) => commentView(context, comment)),
    }),
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': (context) => {
      const issue = threadOf(context);
      const { world, actor, body } = context;
      const text = String(body['body']);
      tooLong(text);
      const comment = { id: world.nextId++, author: actor, body: text, created_at: world.now, updated_at: world.now };
      issue.comments.push(comment);
      issue.updated_at = world.now;
      return { status: 201, body: commentView(context, comment) };
    },
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (context) => {
      const id = Number(context.call.path['comment_id']);
      const { issues, pulls } = context.repository;
      const all = [...issues.values(), ...pulls.values()].flatMap(({ comments }) => comments);
      const comment = all.find((known) => known.id === id);
      if (comment === undefined) throw notFound();
      comment.body = String(context.body['body']);
      comment.updated_at = context.world.now;
      return { status: 200, body: commentView(context, comment) };
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/reactions': (context) => ({
      status: 200,
      list: issueOf(context).reactions.map(({ id, author, created_at, content }) => ({
        id,
        node_id: `R_${id}`,
        user: userOf(context, author),
        content,
        created_at,
      })),
    }),
    'GET /repos/{owner}/{repo}/issues/{issue_number}/events': (context) => ({
      status: 200,
      list: issueOf(context).events.map((event) => eventView(context, event)),
    }),
    'GET /repos/{owner}/{repo}/issues/{issue_number}/timeline': (context) => ({
      status: 200,
      list: issueOf(context).events.map((event) => eventView(context, event)),
    }),
    'GET /repos/{owner}/{repo}/labels': (context) => ({
      status: 200,
      list: [...context.repository.labels.keys()].map((name) => labelView(context, name)),
    }),
    'POST /repos/{owner}/{repo}/labels': (context) => {
      const { name, color = 'ededed', description = '' } = context.body as Record<string, string>;
      const { labels } = context.repository;
      if ([...labels.keys()].some((known) => known.toLowerCase() === name?.toLowerCase()))
        throw new Refused(422, 'Validation Failed', [{ resource: 'Label', code: 'already_exists', field: 'name' }]);
      labels.set(name ?? '', { name: name ?? '', color, description });
      return { status: 201, body: labelView(context, name ?? '') };
    },
  };
}

function listIssues(context: Context, stale: StaleLists | null): Answer {
  const { repository, call } = context;
  const wanted = (call.query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const state = call.query.get('state') ?? 'open';
  const since = call.query.get('since');
  const known = stale?.issues.get(`${repository.owner}/${repository.name}`) ?? [...repository.issues.values()];
  const found = known.filter(
    (issue) =>
      (state === 'all' || issue.state === state) &&
      wanted.every((name) => issue.labels.includes(name)) &&
      (since === null || issue.updated_at >= since),
  );
  const ascending = call.query.get('direction') === 'asc';
  const sorted = [...found].sort((a, b) => (ascending ? a.number - b.number : b.number - a.number));
  return { status: 200, list: sorted.map((issue) => issueView(context, issue)) };
}

function createIssue(context: Context): Answer {
  const { world, repository, actor, body } = context;
  tooLong(String(body['body'] ?? ''));
  const number = repository.nextNumber++;
  const issue: FakeIssue = {
    number,
    id: world.nextId++,
    title: String(body['title']),
    body: String(body['body'] ?? ''),
    state: 'open',
    state_reason: null,
    labels: [],
    assignees: [],
    author: actor,
    created_at: world.now,
    updated_at: world.now,
    closed_at: null,
    closed_by: null,
    comments: [],
    reactions: [],
    events: [],
  };
  repository.issues.set(number, issue);
  setLabels(context, issue, (body['labels'] ?? []) as string[]);
  setAssignees(context, issue, (body['assignees'] ?? []) as string[]);
  return { status: 201, body: issueView(context, issue) };
}

function updateIssue(context: Context): Answer {
  const { body, actor, world } = context;
  const issue = issueOf(context);
  if (body['body'] !== undefined) tooLong(String(body['body'] ?? ''));
  if (body['title'] !== undefined) issue.title = String(body['title']);
  if (body['body'] !== undefined) issue.body = String(body['body'] ?? '');
  if (body['labels'] !== undefined) setLabels(context, issue, body['labels'] as string[]);
  if (body['assignees'] !== undefined) setAssignees(context, issue, body['assignees'] as string[]);
  if (body['state'] !== undefined)
    setState(world, issue, actor, body['state'] as 'open' | 'closed', (body['state_reason'] ?? null) as string | null);
  issue.updated_at = world.now;
  return { status: 200, body: issueView(context, issue) };
}

/** Also what a person does with the buttons. */
export function setState(
  world: World,
  issue: FakeIssue,
  actor: string,
  state: 'open' | 'closed',
  reason: string | null,
): void {
  if (issue.state === state && (reason === null || issue.state_reason === reason)) return;
  const closed = state === 'closed';
  issue.state = state;
  issue.state_reason = closed ? (reason ?? 'completed') : 'reopened';
  issue.closed_at = closed ? world.now : null;
  issue.closed_by = closed ? actor : null;
  issue.updated_at = world.now;
  addEvent(world, issue, { event: closed ? 'closed' : 'reopened', actor, state_reason: issue.state_reason });
}

/** In the order they happened. */
function addEvent(world: World, issue: FakeIssue, event: Omit<FakeEvent, 'id' | 'created_at'>): void {
  issue.events.push({ id: world.nextId++, created_at: world.now, ...event });
}

function setLabels({ world, repository, actor }: Context, issue: FakeIssue, wanted: readonly string[]): void {
  const labels = [...new Set(wanted)];
  for (const label of labels) {
    // GitHub makes an unknown label of an issue on the way.
    if (!repository.labels.has(label)) repository.labels.set(label, { name: label, color: 'ededed', description: '' });
    if (!issue.labels.includes(label)) addEvent(world, issue, { event: 'labeled', actor, label });
  }
  for (const label of issue.labels.filter((old) => !labels.includes(old)))
    addEvent(world, issue, { event: 'unlabeled', actor, label });
  issue.labels = labels;
  issue.updated_at = world.now;
}

/** Who may not be assigned is dropped without a word. */
function setAssignees({ world, repository, actor }: Context, issue: FakeIssue, wanted: readonly string[]): void {
  const assignees = [...new Set(wanted)].filter((login) => repository.assignable.has(login));
  for (const assignee of assignees)
    if (!issue.assignees.includes(assignee)) addEvent(world, issue, { event: 'assigned', actor, assignee });
  issue.assignees = assignees;
}

function tooLong(text: string): void {
  if (text.length > 65_536)
    throw new Refused(422, 'Validation Failed', [
      { resource: 'Issue', code: 'custom', field: 'body', message: 'body is too long (maximum is 65536 characters)' },
    ]);
}

function issueOf({ repository, call }: Context): FakeIssue {
  const issue = repository.issues.get(Number(call.path['issue_number']));
  if (issue === undefined) throw notFound();
  return issue;
}

/** Where comments stand: an issue, or a pull request, which is one, too. */
function threadOf(context: Context): FakeIssue | FakePull {
  return context.repository.pulls.get(Number(context.call.path['issue_number'])) ?? issueOf(context);
}

function issueView(context: Context, issue: FakeIssue): unknown {
  const { base, repository } = context;
  const place = `repos/${repository.owner}/${repository.name}`;
  return {
    ...issue,
    events: undefined,
    reactions: undefined,
    author: undefined,
    url: `${base}/${place}/issues/${issue.number}`,
    html_url: `https://github.com/${repository.owner}/${repository.name}/issues/${issue.number}`,
    user: userOf(context, issue.author),
    labels: issue.labels.map((name) => labelView(context, name)),
    assignees: issue.assignees.map((login) => userOf(context, login)),
    assignee: issue.assignees[0] === undefined ? null : userOf(context, issue.assignees[0]),
    comments: issue.comments.length,
    closed_by: issue.closed_by === null ? null : userOf(context, issue.closed_by),
    author_association: 'NONE',
  };
}

function commentView(context: Context, comment: FakeIssue['comments'][number]): unknown {
  const { author, ...rest } = comment;
  const author_association = context.repository.assignable.has(author) ? 'MEMBER' : 'NONE';
  return { ...rest, user: userOf(context, author), author_association };
}

function labelView({ repository, base }: Context, name: string): unknown {
  const label = repository.labels.get(name) ?? { name, color: 'ededed', description: '' };
  return {
    ...label,
    default: false,
    url: `${base}/repos/${repository.owner}/${repository.name}/labels/${encodeURIComponent(name)}`,
  };
}

function eventView(context: Context, event: FakeEvent): unknown {
  const { label, assignee, actor, ...rest } = event;
  return {
    ...rest,
    node_id: `E_${event.id}`,
    url: `${context.base}/events/${event.id}`,
    commit_id: null,
    commit_url: null,
    performed_via_github_app: null,
    actor: userOf(context, actor),
    ...(label === undefined ? {} : { label: { name: label, color: 'ededed' } }),
    ...(assignee === undefined ? {} : { assignee: userOf(context, assignee), assigner: userOf(context, actor) }),
  };
}
