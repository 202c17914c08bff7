import { PosternError } from '../../core/failure.ts';
import type { People } from '../../core/incidents/tracked-issue.ts';
import type { GitHub } from '../../io/github/connect.ts';
import {
  addAssignees,
  addComment,
  addIssueLabels,
  createIssue,
  getIssue,
  listComments,
  listIssues,
  listReactions,
  type Reaction,
  removeIssueLabel,
  updateIssue,
} from '../../io/github/issues.ts';
import type { IssueTracker } from './issue-tracker.ts';

/** Standings that GitHub gives to anybody: they command nothing. */
const ANYBODY = new Set(['NONE', 'FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'CONTRIBUTOR', 'MANNEQUIN']);

/** The issues of one repository. `trusted`: logins that may command without being members, because our settings name them. */
export function githubIssues(github: GitHub, trusted: readonly string[]): IssueTracker {
  const named = new Set(trusted.map((login) => login.toLowerCase()));
  return {
    author: () => authorOf(github),
    list: () => listIssues(github),
    get: (number) => getIssue(github, number),
    people: (number) => peopleOf(github, number, named),
    create: (issue) => createIssue(github, issue),
    update: (number, change) => updateIssue(github, number, change),
    addLabels: (number, labels) => addIssueLabels(github, number, labels),
    removeLabel: (number, label) => removeIssueLabel(github, number, label),
    addAssignees: (number, logins) => addAssignees(github, number, logins),
    comment: async (number, body) => void (await addComment(github, number, body)),
  };
}

/** Null when GitHub does not say: then only recorded issues are known for ours, and those that bear a key of ours. */
async function authorOf(github: GitHub): Promise<string | null> {
  try {
    return await github.author();
  } catch (error) {
    if (error instanceof PosternError && error.code === 'github-not-found') return null;
    throw error;
  }
}

/** A server that knows no reactions shows none: a comment of an assignee counts as well. */
async function reactionsTo(github: GitHub, number: number): Promise<readonly Reaction[]> {
  try {
    return await listReactions(github, number);
  } catch (error) {
    if (error instanceof PosternError && error.code === 'github-not-found') return [];
    throw error;
  }
}

async function peopleOf(github: GitHub, number: number, named: ReadonlySet<string>): Promise<People> {
  const comments = await listComments(github, number);
  const reactions = await reactionsTo(github, number);
  return {
    comments: comments.map(({ author, association, body, created_at }) => ({
      author,
      body,
      may_command: !ANYBODY.has(association) || named.has(author.toLowerCase()),
      at: created_at,
    })),
    reactions: reactions.map(({ author, created_at }) => ({ author, at: created_at })),
  };
}
