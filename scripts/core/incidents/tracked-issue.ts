import { type Day, parseDay } from '../clock.ts';

/** An issue as GitHub shows it, with what people did on it. */
export interface TrackedIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly state_reason: string | null;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly author: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
}

export interface People {
  readonly comments: readonly {
    readonly author: string;
    readonly body: string;
    readonly may_command: boolean;
    readonly at: string;
  }[];
  readonly reactions: readonly { readonly author: string; readonly at: string }[];
}

const SNOOZE_LABEL = /^snooze:\s*(\d{4}-\d{2}-\d{2})$/i;
const SNOOZE_COMMENT = /^\/snooze[ \t]+(\d{4}-\d{2}-\d{2}|off)\s*$/im;

/**
 * Until when somebody wants to hear nothing: the latest of the labels, or what the last comment with `/snooze` says
 * (`/snooze off` takes it back), whichever is later. Only people who may write in the repository are listened to.
 */
export function snoozedUntil(labels: readonly string[], { comments }: People): Day | null {
  const days = labels.map((label) => dayIn(SNOOZE_LABEL.exec(label)));
  const last = comments.filter(({ may_command }) => may_command).findLast(({ body }) => SNOOZE_COMMENT.test(body));
  if (last !== undefined) days.push(dayIn(SNOOZE_COMMENT.exec(last.body)));
  return days.reduce<Day | null>(
    (latest, day) => (day !== null && (latest === null || day > latest) ? day : latest),
    null,
  );
}

/** Who of the assignees has reacted first, by an emoji or a comment, after `since` on GitHub's clock, and when; null: nobody. */
export function acknowledgedBy(
  assignees: readonly string[],
  { comments, reactions }: People,
  since: string | null,
  ours: readonly string[],
): People['reactions'][number] | null {
  const able = new Set(assignees.map((login) => login.toLowerCase()));
  const own = new Set(ours.map((login) => login.toLowerCase()));
  const answers = [...reactions, ...comments]
    .filter(({ author, at }) => able.has(author.toLowerCase()) && !own.has(author.toLowerCase()) && isAfter(at, since))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return answers[0] ?? null;
}

function isAfter(at: string, since: string | null): boolean {
  return since === null || Number.isNaN(Date.parse(at)) || Date.parse(at) > Date.parse(since);
}

function dayIn(found: RegExpExecArray | null): Day | null {
  return found?.[1] === undefined ? null : parseDay(found[1]);
}
