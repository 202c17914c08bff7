import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

/** Each function is one request (a list: one a page). Lists and searches of GitHub may be minutes old; `getIssue` is not. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly state_reason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  /** The login that opened it; empty when the account is gone. */
  readonly author: string;
  /** RFC 3339, as GitHub gives them. */
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly url: string;
}

export interface IssueComment {
  readonly id: number;
  readonly author: string;
  /** How the author stands to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, … */
  readonly association: string;
  readonly body: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Reaction {
  readonly author: string;
  readonly created_at: string;
}

/** One thing that happened to an issue: `closed`, `reopened`, `labeled`, `unlabeled`, `assigned`, … */
export interface IssueEvent {
  readonly event: string;
  readonly actor: string;
  readonly created_at: string;
  /** Of `labeled` and `unlabeled`. */
  readonly label: string | null;
  /** Of `closed`: `completed` or `not_planned`. */
  readonly state_reason: string | null;
}

export interface IssueChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
  readonly state_reason?: 'completed' | 'not_planned' | 'reopened';
  readonly labels?: readonly string[];
  readonly assignees?: readonly string[];
}

/** Issues in every state that bear all these labels, oldest first; pull requests left out. */
export async function listIssues(
  { octokit, repository }: GitHub,
  { labels = [], since }: { readonly labels?: readonly string[]; readonly since?: string } = {},
): Promise<readonly Issue[]> {
  const found = await octokit.paginate(octokit.rest.issues.listForRepo, {
    ...repository,
    state: 'all',
    sort: 'created',
    direction: 'asc',
    per_page: 100,
    ...(labels.length === 0 ? {} : { labels: labels.join(',') }),
    ...(since === undefined ? {} : { since }),
  });
  return found.filter((issue) => issue.pull_request === undefined).map(issueOf);
}

/** Null when it was deleted or moved away. */
export async function getIssue({ octokit, repository }: GitHub, number: number): Promise<Issue | null> {
  try {
    return issueOf((await octokit.rest.issues.get({ ...repository, issue_number: number })).data);
  } catch (error) {
    if (isCode(error, 'github-not-found', 'github-gone')) return null;
    throw error;
  }
}

export async function createIssue(
  { octokit, repository }: GitHub,
  issue: {
    readonly title: string;
    readonly body: string;
    readonly labels: readonly string[];
    readonly assignees: readonly string[];
  },
): Promise<Issue> {
  const { title, body, labels, assignees } = issue;
  const made = await octokit.rest.issues.create({
    ...repository,
    title,
    body,
    labels: [...labels],
    assignees: [...assignees],
  });
  return issueOf(made.data);
}

export async function updateIssue(
  { octokit, repository }: GitHub,
  number: number,
  change: IssueChange,
): Promise<Issue> {
  const { labels, assignees, ...rest } = change;
  const changed = await octokit.rest.issues.update({
    ...repository,
    issue_number: number,
    ...rest,
    ...(labels === undefined ? {} : { labels: [...labels] }),
    ...(assignees === undefined ? {} : { assignees: [...assignees] }),
  });
  return issueOf(changed.data);
}

export async function addIssueLabels(github: GitHub, number: number, labels: readonly string[]): Promise<void> {
  const { octokit, repository } = github;
  await octokit.rest.issues.addLabels({ ...repository, issue_number: number, labels: [...labels] });
}

/** It is fine when the label was not there any more. */
export async function removeIssueLabel({ octokit, repository }: GitHub, number: number, label: string): Promise<void> {
  try {
    await octokit.rest.issues.removeLabel({ ...repository, issue_number: number, name: label });
  } catch (error) {
    if (!isCode(error, 'github-not-found')) throw error;
  }
}

export async function listComments({ octokit, repository }: GitHub, number: number): Promise<readonly IssueComment[]> {
  const all = { ...repository, issue_number: number, per_page: 100 };
  return (await octokit.paginate(octokit.rest.issues.listComments, all)).map(commentOf);
}

export async function addComment({ octokit, repository }: GitHub, number: number, body: string): Promise<IssueComment> {
  return commentOf((await octokit.rest.issues.createComment({ ...repository, issue_number: number, body })).data);
}

export async function updateComment({ octokit, repository }: GitHub, id: number, body: string): Promise<IssueComment> {
  return commentOf((await octokit.rest.issues.updateComment({ ...repository, comment_id: id, body })).data);
}

/** Emoji on the issue itself, oldest first. */
export async function listReactions({ octokit, repository }: GitHub, number: number): Promise<readonly Reaction[]> {
  const all = { ...repository, issue_number: number, per_page: 100 };
  const reactions = await octokit.paginate(octokit.rest.reactions.listForIssue, all);
  return reactions.map(({ user, created_at }) => ({ author: user?.login ?? '', created_at }));
}

/** People who may not be assigned are left out by GitHub without a word. */
export async function addAssignees(github: GitHub, number: number, logins: readonly string[]): Promise<void> {
  const { octokit, repository } = github;
  await octokit.rest.issues.addAssignees({ ...repository, issue_number: number, assignees: [...logins] });
}

/** Oldest first. */
export async function listIssueEvents({ octokit, repository }: GitHub, number: number): Promise<readonly IssueEvent[]> {
  const all = { ...repository, issue_number: number, per_page: 100 };
  const events = await octokit.paginate(octokit.rest.issues.listEvents, all);
  return events.map((event) => ({
    event: event.event,
    actor: event.actor?.login ?? '',
    created_at: event.created_at,
    label: 'label' in event ? (event.label?.name ?? null) : null,
    state_reason: 'state_reason' in event ? ((event as { state_reason?: string | null }).state_reason ?? null) : null,
  }));
}

interface RawIssue {
  readonly number: number;
  readonly title: string;
  readonly body?: string | null;
  readonly state: string;
  readonly state_reason?: string | null;
  readonly labels: readonly (string | { readonly name?: string | null })[];
  readonly assignees?: readonly { readonly login: string }[] | null;
  readonly user: { readonly login: string } | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly html_url: string;
}

function issueOf(raw: RawIssue): Issue {
  return {
    number: raw.number,
    title: raw.title,
    body: raw.body ?? '',
    state: raw.state === 'closed' ? 'closed' : 'open',
    state_reason: (raw.state_reason ?? null) as Issue['state_reason'],
    labels: raw.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
    assignees: (raw.assignees ?? []).map(({ login }) => login),
    author: raw.user?.login ?? '',
    created_at: raw.created_at,
    updated_at: raw.updated_at,
    closed_at: raw.closed_at,
    url: raw.html_url,
  };
}

function commentOf(raw: {
  readonly id: number;
  readonly user: { readonly login: string } | null;
  readonly author_association?: string;
  readonly body?: string;
  readonly created_at: string;
  readonly updated_at: string;
}): IssueComment {
  const { id, user, author_association: association = '', body = '', created_at, updated_at } = raw;
  return { id, author: user?.login ?? '', association, body, created_at, updated_at };
}
