import type { People, TrackedIssue } from '../../core/incidents/tracked-issue.ts';

/** What `alert` needs of GitHub. Everything may throw PosternError: see scripts/io/github/failures.ts for the codes. */
export interface IssueTracker {
  /** Under which login we write; null when GitHub does not tell. */
  readonly author: () => Promise<string | null>;
  /** All issues, in every state. May be minutes old. */
  readonly list: () => Promise<readonly TrackedIssue[]>;
  /** As it is now; null when there is none. */
  readonly get: (number: number) => Promise<TrackedIssue | null>;
  readonly people: (number: number) => Promise<People>;
  readonly create: (issue: {
    readonly title: string;
    readonly body: string;
    readonly labels: readonly string[];
    readonly assignees: readonly string[];
  }) => Promise<TrackedIssue>;
  readonly update: (
    number: number,
    change: {
      readonly body?: string;
      readonly state?: 'open' | 'closed';
      readonly state_reason?: 'completed' | 'not_planned' | 'reopened';
    },
  ) => Promise<TrackedIssue>;
  readonly addLabels: (number: number, labels: readonly string[]) => Promise<void>;
  readonly removeLabel: (number: number, label: string) => Promise<void>;
  readonly addAssignees: (number: number, logins: readonly string[]) => Promise<void>;
  readonly comment: (number: number, body: string) => Promise<void>;
}
