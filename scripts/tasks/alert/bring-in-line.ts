import type { Instant } from '../../core/clock.ts';
import type { Action } from '../../core/incidents/action.ts';
import { type Alerts, type Incident, withAuthor, withIncident } from '../../core/incidents/incident.ts';
import { type Reconciled, type ReconcileInput, reconcile } from '../../core/incidents/reconcile.ts';
import type { Reminder } from '../../core/incidents/reminders.ts';
import { type ActionFailure, carryOut } from './carry-out.ts';
import type { IssueTracker } from './issue-tracker.ts';
import { readAhead, readIssues } from './read-issues.ts';

/** What the review says, and how it is to be told. */
type Judged = Pick<
  ReconcileInput,
  'findings' | 'reviewed' | 'configured' | 'complete' | 'settings' | 'responsibleOf' | 'agreementOf'
>;

export interface BringInLineOptions {
  readonly judged: Judged;
  readonly tracker: IssueTracker;
  readonly alerts: Alerts;
  readonly last_run: Instant | null;
  readonly now: Instant;
  /** Random, for this run. */
  readonly seed: string;
  /** Writes down what is known, before and after each step. */
  readonly save: (alerts: Alerts) => void;
  readonly dryRun: boolean;
}

export interface BroughtInLine {
  readonly opened: readonly number[];
  readonly updated: readonly number[];
  readonly escalated: readonly number[];
  readonly closed: readonly number[];
  readonly unchanged: readonly number[];
  /** Of `opened`, those that existed before. */
  readonly reopened: readonly number[];
  readonly reminders: readonly Reminder[];
  readonly failed: readonly ActionFailure[];
  /** With --dry-run what would be done. */
  readonly actions: readonly Action[];
}

/** GitHub's issues made to say what the review says: read, decide, carry out. */
export async function bringInLine(options: BringInLineOptions): Promise<BroughtInLine> {
  const { tracker, alerts: stored, now, save, dryRun } = options;
  const author = await tracker.author();
  const read = await readIssues(tracker, stored, now);
  const decide = (issues: ReconcileInput['issues']): Reconciled =>
    reconcile({
      ...options.judged,
      ...options,
      alerts: stored,
      issues,
      gone: read.gone,
      author,
      peopleOf: (number) => read.people.get(number) ?? null,
    });
  let issues = read.issues;
  let decided = decide(issues);
  // Before anything new is made: is it there already, and only the list is old?
  const missing = decided.actions.some(({ kind }) => kind === 'open') ? await readAhead(tracker, issues) : [];
  if (missing.length > 0) {
    issues = [...issues, ...missing];
    decided = decide(issues);
  }
  const { actions, unchanged, reminders } = decided;
  if (dryRun) return { ...numbersOf([]), unchanged, reminders, failed: [], actions };

  let known = decided.alerts;
  const keep = (incident: Incident, seen = ''): void => {
    known = withAuthor(withIncident(known, incident), seen);
    save(known);
  };
  if (known !== stored) save(known);
  const authors = [...known.authors, ...(author === null ? [] : [author])];
  const { done, failed } = await carryOut(actions, { tracker, issues, authors, keep });
  return { ...numbersOf(done), unchanged, reminders, failed, actions };
}

function numbersOf(
  done: readonly { readonly action: Action; readonly number: number | null }[],
): Pick<BroughtInLine, 'opened' | 'updated' | 'escalated' | 'closed' | 'reopened'> {
  const of = (...names: readonly string[]): readonly number[] =>
    done
      .flatMap(({ action, number }) =>
        number !== null && names.includes(action.kind === 'change' ? action.what : action.kind) ? number : [],
      )
      .sort((a, b) => a - b);
  return {
    opened: of('open', 'reopened'),
    updated: of('updated'),
    escalated: of('escalated'),
    closed: of('closed'),
    reopened: of('reopened'),
  };
}
