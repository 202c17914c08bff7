import { PosternError } from '#scripts/core/failure.ts';
import type { People, TrackedIssue } from '#scripts/core/incidents/tracked-issue.ts';
import type { IssueTracker } from '#scripts/tasks/alert/issue-tracker.ts';

interface Stored {
  issue: TrackedIssue;
  comments: People['comments'][number][];
  reactions: People['reactions'][number][];
}

/** What goes wrong with one request: refused before anything happens, or done and never answered, or the run is killed. */
export type Fault = 'limit' | 'lost-before' | 'lost-after' | 'killed-before' | 'killed-after' | 'unavailable';

/** The run ended here, as if the machine were switched off. */
export class Killed extends Error {}

/** A tracker that tests can look into, change as people do, and make fail. */
export interface TriedTracker extends IssueTracker {
  readonly login: string;
  stale: boolean;
  /** Asked before every request. */
  fault: (write: boolean) => Fault | null;
  /** How many requests changed something. */
  readonly written: () => number;
  /** What a person does. */
  readonly edit: (number: number, change: Partial<TrackedIssue>) => void;
  readonly say: (number: number, author: string, body: string) => void;
  readonly react: (number: number, author: string) => void;
  readonly strange: (author: string, body: string) => number;
  readonly all: () => readonly TrackedIssue[];
  readonly issue: (number: number) => TrackedIssue;
  readonly commentsOf: (number: number) => readonly string[];
  readonly tick: () => string;
}

/** GitHub's issues in memory, with lists that lag behind, and faults by request. Its clock is its own. */
export class FakeTracker implements TriedTracker {
  readonly #issues = new Map<number, Stored>();
  #clock = Date.UTC(2026, 10, 21);
  #next = 1;
  /** What a list shows when it is stale. */
  #listed: readonly TrackedIssue[] = [];
  login = 'postern[bot]';
  stale = false;
  /** Asked before every request. */
  fault: (write: boolean) => Fault | null = () => null;
  readonly writes: string[] = [];

  written = (): number => this.writes.length;

  author = async (): Promise<string> => this.login;

  list = async (): Promise<readonly TrackedIssue[]> => {
    this.#read();
    const now = this.all();
    if (this.stale) return this.#listed;
    this.#listed = now;
    return now;
  };

  get = async (number: number): Promise<TrackedIssue | null> => {
    this.#read();
    return this.#issues.get(number)?.issue ?? null;
  };

  people = async (number: number): Promise<People> => {
    this.#read();
    const { comments = [], reactions = [] } = this.#issues.get(number) ?? {};
    return { comments: [...comments], reactions: [...reactions] };
  };

  create: IssueTracker['create'] = async (issue) =>
    this.#write(`create ${issue.title}`, () => {
      const number = this.#next++;
      const made = this.tick();
      const { title, body, labels, assignees } = issue;
      const created: TrackedIssue = {
        number,
        title,
        body,
        labels: [...labels],
        assignees: [...assignees],
        state: 'open',
        state_reason: null,
        author: this.login,
        created_at: made,
        updated_at: made,
        closed_at: null,
      };
      this.#issues.set(number, { issue: created, comments: [], reactions: [] });
      return created;
    });

  update: IssueTracker['update'] = async (number, change) =>
    this.#write(`update ${number} ${Object.keys(change).join(' ')}`, () =>
      this.edit(number, {
        ...change,
        ...(change.state === 'closed'
          ? { closed_at: this.tick() }
          : change.state === 'open'
            ? { closed_at: null }
            : {}),
      }),
    );

  addLabels: IssueTracker['addLabels'] = async (number, labels) => {
    this.#write(`label ${number} ${labels.join(' ')}`, () =>
      this.edit(number, { labels: [...new Set([...this.issue(number).labels, ...labels])] }),
    );
  };

  removeLabel: IssueTracker['removeLabel'] = async (number, label) => {
    this.#write(`unlabel ${number} ${label}`, () =>
      this.edit(number, { labels: this.issue(number).labels.filter((one) => one !== label) }),
    );
  };

  addAssignees: IssueTracker['addAssignees'] = async (number, logins) => {
    this.#write(`assign ${number} ${logins.join(' ')}`, () =>
      this.edit(number, { assignees: [...new Set([...this.issue(number).assignees, ...logins])] }),
    );
  };

  comment: IssueTracker['comment'] = async (number, body) => {
    this.#write(`comment ${number}`, () => this.say(number, this.login, body));
  };

  /** What a person does: without faults. */
  edit(number: number, change: Partial<TrackedIssue>): TrackedIssue {
    const stored = this.#stored(number);
    stored.issue = { ...stored.issue, ...change, updated_at: this.tick() };
    return stored.issue;
  }

  say(number: number, author: string, body: string, may_command = true): void {
    const at = this.tick();
    this.#stored(number).comments.push({ author, body, may_command, at });
    this.edit(number, {});
  }

  react(number: number, author: string, at: string = this.tick()): void {
    this.#stored(number).reactions.push({ author, at });
  }

  remove(number: number): void {
    this.#issues.delete(number);
  }

  /** A stranger's issue. */
  strange(author: string, body: string): number {
    const number = this.#next++;
    const at = this.tick();
    const issue: TrackedIssue = {
      number,
      title: 'a stranger’s',
      body,
      labels: [],
      assignees: [],
      state: 'open',
      state_reason: null,
      author,
      created_at: at,
      updated_at: at,
      closed_at: null,
    };
    this.#issues.set(number, { issue, comments: [], reactions: [] });
    return number;
  }

  all(): readonly TrackedIssue[] {
    return [...this.#issues.values()].map(({ issue }) => issue);
  }

  issue(number: number): TrackedIssue {
    return this.#stored(number).issue;
  }

  commentsOf(number: number): readonly string[] {
    return this.#stored(number).comments.map(({ body }) => body);
  }

  tick(): string {
    this.#clock += 1000;
    return new Date(this.#clock).toISOString().replace('.000', '');
  }

  #stored(number: number): Stored {
    const stored = this.#issues.get(number);
    if (stored === undefined) throw new PosternError('github-not-found', `no issue ${number}`, { exit: 3 });
    return stored;
  }

  #read(): void {
    switch (this.fault(false)) {
      case 'killed-before':
      case 'killed-after':
        throw new Killed();
      case 'unavailable':
      case 'lost-before':
      case 'lost-after':
        throw new PosternError('github-unavailable', 'no answer', { exit: 3 });
      case 'limit':
        throw new PosternError('github-rate-limited', 'wait', { exit: 3 });
      default:
    }
  }

  #write<T>(what: string, act: () => T): T {
    const fault = this.fault(true);
    if (fault === 'killed-before') throw new Killed();
    if (fault === 'limit' || fault === 'unavailable')
      throw new PosternError('github-rate-limited', 'wait', { exit: 3 });
    if (fault === 'lost-before') throw new PosternError('github-write-unsure', 'no answer', { exit: 3 });
    this.writes.push(what);
    const result = act();
    if (fault === 'killed-after') throw new Killed();
    if (fault === 'lost-after') throw new PosternError('github-write-unsure', 'no answer', { exit: 3 });
    return result;
  }
}
