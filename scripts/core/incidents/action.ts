import type { Comment } from './comment-text.ts';
import type { Incident } from './incident.ts';

/** What `alert` does, as plain data. `incident` is what is stored when it is done, and not before. */
export type Action = OpenIssue | ChangeIssue | KeepRecord;

export interface OpenIssue {
  readonly kind: 'open';
  readonly incident: Incident;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Logins without `@`. */
  readonly assignees: readonly string[];
}

export interface ChangeIssue {
  readonly kind: 'change';
  readonly what: 'escalated' | 'reopened' | 'closed' | 'updated';
  readonly number: number;
  readonly incident: Incident;
  /** Our block of the body, when it changed. */
  readonly block: string | null;
  readonly add_labels: readonly string[];
  readonly remove_labels: readonly string[];
  readonly add_assignees: readonly string[];
  readonly state:
    | { readonly to: 'open' }
    | { readonly to: 'closed'; readonly reason: 'completed' | 'not_planned' }
    | null;
  readonly comment: Comment | null;
}

/** Nothing to do on GitHub; something to remember. */
export interface KeepRecord {
  readonly kind: 'record';
  readonly incident: Incident;
}

const ORDER = ['escalated', 'open', 'reopened', 'closed', 'updated', 'record'] as const;

/** What somebody waits for comes first: a limit of GitHub may end the run. */
export function byNeed(a: Action, b: Action): number {
  return rank(a) - rank(b);
}

function rank(action: Action): number {
  return ORDER.indexOf(action.kind === 'change' ? action.what : action.kind);
}
