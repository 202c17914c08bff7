import { PosternError } from '../../core/failure.ts';
import type { Action, ChangeIssue, OpenIssue } from '../../core/incidents/action.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { bearsEvent, markedBody, withBlock } from '../../core/incidents/issue-marker.ts';
import type { TrackedIssue } from '../../core/incidents/tracked-issue.ts';
import type { IssueTracker } from './issue-tracker.ts';
import { readAhead } from './read-issues.ts';

export interface CarryingOut {
  readonly tracker: IssueTracker;
  /** What is known so far, so that numbers can be looked at from there on. */
  readonly issues: readonly TrackedIssue[];
  /** Our logins. */
  readonly authors: readonly string[];
  /** Writes the incident down before the next step; `author` when an issue of ours was seen to be made. */
  readonly keep: (incident: Incident, author?: string) => void;
}

export interface CarriedOut {
  readonly done: readonly { readonly action: Action; readonly number: number | null }[];
  readonly failed: readonly ActionFailure[];
  /** The first failure that ended the run. */
  readonly stopped: PosternError | null;
}

export interface ActionFailure {
  /** The issue, or null when it could not be made. */
  readonly number: number | null;
  readonly rule: string;
  readonly code: string;
  readonly message: string;
}

/** Failures of one issue; with any other GitHub is not in a state to go on. */
const OF_ONE_ISSUE = new Set(['github-invalid', 'github-gone', 'github-not-found', 'github-conflict']);

/** Does each action and writes it down when it is done. A run that ends between two steps leaves the rest to the next. */
export async function carryOut(actions: readonly Action[], given: CarryingOut): Promise<CarriedOut> {
  const done: CarriedOut['done'][number][] = [];
  const failed: ActionFailure[] = [];
  for (const action of actions) {
    try {
      done.push({ action, number: await carryOutOne(action, given) });
    } catch (error) {
      if (!(error instanceof PosternError)) throw error;
      const { number, rule } = action.incident;
      failed.push({ number, rule, code: error.code, message: error.message });
      if (!OF_ONE_ISSUE.has(error.code)) return { done, failed, stopped: error };
    }
  }
  return { done, failed, stopped: null };
}

async function carryOutOne(action: Action, given: CarryingOut): Promise<number | null> {
  switch (action.kind) {
    case 'record':
      given.keep(action.incident);
      return action.incident.number;
    case 'open':
      return await open(action, given);
    case 'change':
      return await change(action, given);
  }
}

/**
 * That an issue is asked for is written down first, with the key its text bears. When no answer comes it is looked for
 * by number before it is asked for once more; after a second doubt the next run looks again.
 */
async function open(action: OpenIssue, given: CarryingOut): Promise<number> {
  const { incident } = action;
  given.keep({ ...incident, state: 'waiting', creating: true, number: null });
  const issue = await create(action, given).catch(async (error: unknown) => {
    if (!isUnsure(error)) throw error;
    const found = await lookFor(action, given);
    if (found !== null) return found;
    return await create(action, given).catch(async (again: unknown) => {
      if (!isUnsure(again)) throw again;
      const late = await lookFor(action, given);
      if (late === null) throw again;
      return late;
    });
  });
  given.keep({ ...incident, number: issue.number, creating: false, updated_at: issue.updated_at }, issue.author);
  return issue.number;
}

async function create({ title, body, labels, assignees }: OpenIssue, { tracker }: CarryingOut): Promise<TrackedIssue> {
  try {
    return await tracker.create({ title, body, labels, assignees });
  } catch (error) {
    // Somebody who left the organisation must not keep the issue from being made; its text names them all the same.
    const refused = error instanceof PosternError && error.code === 'github-invalid' && assignees.length > 0;
    if (!refused) throw error;
    return await tracker.create({ title, body, labels, assignees: [] });
  }
}

async function lookFor({ incident }: OpenIssue, { tracker, issues }: CarryingOut): Promise<TrackedIssue | null> {
  const found = [...(await readAhead(tracker, issues)), ...(await tracker.list())];
  const ours = found.filter(({ body }) => markedBody(body)?.marker?.key === incident.key);
  return ours.reduce<TrackedIssue | null>(
    (lowest, one) => (lowest === null || one.number < lowest.number ? one : lowest),
    null,
  );
}

/** Each step may be repeated without harm; the comment is looked for before it is made. */
async function change(action: ChangeIssue, given: CarryingOut): Promise<number> {
  const { tracker, keep } = given;
  const { number, block, add_labels, remove_labels, add_assignees, state, comment, incident } = action;
  if (add_labels.length > 0) await tracker.addLabels(number, add_labels);
  for (const label of remove_labels) await tracker.removeLabel(number, label);
  if (add_assignees.length > 0) await assign(number, add_assignees, tracker);
  // Said before it is closed, so that nobody finds a closed issue without a reason; and after it is open again.
  const closing = state?.to === 'closed';
  if (comment !== null && closing) await say(number, comment, given);
  const issue = await write(number, block, state, tracker);
  if (comment !== null && !closing) await say(number, comment, given);
  const latest = comment !== null || issue === null ? await tracker.get(number) : issue;
  keep({ ...incident, updated_at: latest?.updated_at ?? incident.updated_at });
  return number;
}

async function write(
  number: number,
  block: ChangeIssue['block'],
  state: ChangeIssue['state'],
  tracker: IssueTracker,
): Promise<TrackedIssue | null> {
  if (block === null && state === null) return null;
  // The text of people may have changed since it was read.
  const current = block === null ? null : await tracker.get(number);
  return await tracker.update(number, {
    ...(block === null || current === null ? {} : { body: withBlock(current.body, block) }),
    ...(state === null
      ? {}
      : state.to === 'open'
        ? { state: 'open', state_reason: 'reopened' }
        : { state: 'closed', state_reason: state.reason }),
  });
}

async function assign(number: number, logins: readonly string[], tracker: IssueTracker): Promise<void> {
  try {
    await tracker.addAssignees(number, logins);
  } catch (error) {
    if (!(error instanceof PosternError) || error.code !== 'github-invalid') throw error;
  }
}

async function say(number: number, comment: NonNullable<ChangeIssue['comment']>, given: CarryingOut): Promise<void> {
  if (await isSaid(number, comment.event, given)) return;
  try {
    await given.tracker.comment(number, comment.body);
  } catch (error) {
    if (!isUnsure(error)) throw error;
    if (await isSaid(number, comment.event, given)) return;
    await given.tracker.comment(number, comment.body);
  }
}

async function isSaid(number: number, event: string, { tracker, authors }: CarryingOut): Promise<boolean> {
  const { comments } = await tracker.people(number);
  return comments.some(({ author, body }) => authors.includes(author) && bearsEvent(body, event));
}

function isUnsure(error: unknown): boolean {
  return error instanceof PosternError && error.code === 'github-write-unsure';
}
