import type { TrackedIssue } from '#scripts/core/incidents/tracked-issue.ts';
import { githubIssues } from '#scripts/tasks/alert/github-issues.ts';
import type { IssueTracker } from '#scripts/tasks/alert/issue-tracker.ts';
import type { FakeGitHub } from '../fakes/github/server.ts';
import type { FakeIssue, FakeRepository } from '../fakes/github/world.ts';
import { type Fault, Killed, type TriedTracker } from '../fakes/issue-tracker.ts';
import { connect, fakeWithRepository } from '../io/github/connection.ts';

const LIMIT = { status: 403, headers: { 'retry-after': '90' }, message: 'You have exceeded a secondary rate limit' };

/** The client over HTTP against the fake GitHub: faults are answers of the server, or the end of the run around a request. */
export async function httpTracker(): Promise<TriedTracker & { readonly close: () => Promise<void> }> {
  const { fake, repository, environment } = await fakeWithRepository();
  for (const login of ['alice', 'bob', 'carol']) repository.assignable.add(login);
  let issues: IssueTracker | null = null;
  let drawn: Fault | null = null;
  const failing = (kind: Fault) => () => drawn === kind;
  const often = Number.POSITIVE_INFINITY;
  fake.fail({ kind: 'answer', ...LIMIT }, failing('limit'), often);
  fake.fail({ kind: 'cut', applied: false }, failing('lost-before'), often);
  fake.fail({ kind: 'cut', applied: true }, failing('lost-after'), often);
  fake.fail({ kind: 'answer', status: 502, message: 'Bad gateway' }, failing('unavailable'), often);

  const through = async <T>(write: boolean, act: (tracker: IssueTracker) => Promise<T>): Promise<T> => {
    const fault = tracker.fault(write);
    if (fault === 'killed-before') throw new Killed();
    drawn = fault === 'killed-after' ? null : fault;
    tracker.tick();
    try {
      const result = await act(await current());
      if (fault === 'killed-after') throw new Killed();
      return result;
    } finally {
      drawn = null;
    }
  };
  const current = async (): Promise<IssueTracker> => {
    issues ??= githubIssues(await connect(environment), ['alice']);
    return issues;
  };
  let stale = false;
  const tracker: TriedTracker & { readonly close: () => Promise<void> } = {
    login: 'robot',
    fault: () => null,
    get stale() {
      return stale;
    },
    set stale(now) {
      stale = now;
      fake.freezeLists(now);
    },
    // The first question of a run: each run has a connection of its own, which waits for limits on its own.
    author: async () => {
      issues = null;
      return await (await current()).author();
    },
    list: () => through(false, (one) => one.list()),
    get: (number) => through(false, (one) => one.get(number)),
    people: (number) => through(false, (one) => one.people(number)),
    create: (issue) => through(true, (one) => one.create(issue)),
    update: (number, change) => through(true, (one) => one.update(number, change)),
    addLabels: (number, labels) => through(true, (one) => one.addLabels(number, labels)),
    removeLabel: (number, label) => through(true, (one) => one.removeLabel(number, label)),
    addAssignees: (number, logins) => through(true, (one) => one.addAssignees(number, logins)),
    comment: (number, body) => through(true, (one) => one.comment(number, body)),
    written: () => fake.writes().length,
    edit: (number, change) => void Object.assign(stored(repository, number), change, { updated_at: tracker.tick() }),
    say: (number, author, body) => {
      const at = tracker.tick();
      stored(repository, number).comments.push({
        id: fake.world.nextId++,
        author,
        body,
        created_at: at,
        updated_at: at,
      });
      tracker.edit(number, {});
    },
    react: (number, author) => {
      const created_at = tracker.tick();
      stored(repository, number).reactions.push({ id: fake.world.nextId++, author, content: '+1', created_at });
    },
    strange: (author, body) => strangeIssue(fake, repository, author, body, tracker.tick()),
    all: () => [...repository.issues.values()].map(trackedOf),
    issue: (number) => trackedOf(stored(repository, number)),
    commentsOf: (number) => stored(repository, number).comments.map(({ body }) => body),
    tick: () => {
      fake.world.now = new Date(Date.parse(fake.world.now) + 1000).toISOString().replace('.000', '');
      return fake.world.now;
    },
    close: fake.close,
  };
  return tracker;
}

function stored({ issues }: FakeRepository, number: number): FakeIssue {
  const issue = issues.get(number);
  if (issue === undefined) throw new Error(`there is no issue ${number}`);
  return issue;
}

function trackedOf({ comments: _, reactions: __, events: ___, ...issue }: FakeIssue): TrackedIssue {
  return issue;
}

function strangeIssue(fake: FakeGitHub, repository: FakeRepository, author: string, body: string, at: string): number {
  const number = repository.nextNumber++;
  repository.issues.set(number, {
    number,
    id: fake.world.nextId++,
    title: 'a stranger’s',
    body,
    state: 'open',
    state_reason: null,
    labels: [],
    assignees: [],
    author,
    created_at: at,
    updated_at: at,
    closed_at: null,
    closed_by: null,
    comments: [],
    reactions: [],
    events: [],
  });
  return number;
}
