import { level } from '../analysis/severity.ts';
import { dayOf, type Instant, parseInstant } from '../clock.ts';
import { type Incident, noted } from './incident.ts';
import { acknowledgedBy, type People, snoozedUntil, type TrackedIssue } from './tracked-issue.ts';

export interface LifeFacts {
  readonly issue: TrackedIssue;
  /** Null: not read in this run, so as before. */
  readonly people: People | null;
  /** Our logins. */
  readonly authors: readonly string[];
  /** The last run that saw the issue. */
  readonly last_run: Instant | null;
  readonly now: Instant;
}

/** The incident with what people did on its issue since the last run: closed, opened again, acknowledged, snoozed. */
export function lived(incident: Incident, facts: LifeFacts): Incident {
  const { issue, now } = facts;
  if (issue.state === 'closed' && incident.state === 'open') return closedByPerson(incident, facts);
  const open = issue.state === 'open' && incident.state === 'closed' ? openedByPerson(incident, now) : incident;
  return snoozed(acknowledged(open, facts), facts);
}

function closedByPerson(incident: Incident, facts: LifeFacts): Incident {
  const { issue, now } = facts;
  const planned = issue.state_reason !== 'not_planned' && issue.state_reason !== 'duplicate';
  const reason = planned ? ('completed' as const) : ('not_planned' as const);
  const { severity } = incident;
  const closed = { at: closingTime(incident, facts), by: 'person' as const, reason, severity, recovered_at: null };
  const quiet = snoozed(incident, facts);
  return noted({ ...quiet, state: 'closed', closed }, now, 'closed', `by a person, as ${reason.replace('_', ' ')}`);
}

function closingTime(incident: Incident, facts: LifeFacts): Instant {
  return fitting(incident, facts, facts.issue.closed_at) ?? lastSeen(incident, facts);
}

/** GitHub's time where it fits between the last run and this one, else null; a clock that was set for a trial does not. */
function fitting(incident: Incident, facts: LifeFacts, at: string | null): Instant | null {
  const parsed = parseInstant(at ?? '');
  return parsed !== null && parsed >= lastSeen(incident, facts) && parsed <= facts.now ? parsed : null;
}

function lastSeen({ timeline }: Incident, { last_run, now }: LifeFacts): Instant {
  const seen = [timeline.at(-1)?.at ?? now, last_run ?? now].filter((at) => at <= now);
  return seen.sort().at(-1) ?? now;
}

function openedByPerson(incident: Incident, now: Instant): Incident {
  const kept_open = incident.closed?.by === 'postern';
  return noted({ ...incident, state: 'open', closed: null, kept_open }, now, 'reopened', 'by a person');
}

function acknowledged(incident: Incident, facts: LifeFacts): Incident {
  const { issue, people, authors, now } = facts;
  if (incident.state !== 'open' || incident.acknowledged !== null || people === null) return incident;
  const answer = acknowledgedBy(issue.assignees, people, incident.heard_after, authors);
  if (answer === null) return incident;
  const [at, by] = [fitting(incident, facts, answer.at) ?? now, answer.author];
  return noted({ ...incident, acknowledged: { at, by } }, at, 'acknowledged', `by ${by}`);
}

/** The day that was asked for, as long as it lies ahead. That it is over is told by `isSnoozed`. */
function snoozed(incident: Incident, { issue, people, now }: LifeFacts): Incident {
  const asked = snoozedUntil(issue.labels, people ?? { comments: [], reactions: [] });
  const before = incident.snoozed;
  if (asked === null || asked <= dayOf(now)) {
    // A comment that was not read again still holds; a label that is gone does not.
    if (before !== null && people !== null && before.until > dayOf(now)) return { ...incident, snoozed: null };
    return incident;
  }
  if (before?.until === asked) return incident;
  return { ...incident, snoozed: { until: asked, severity: incident.severity } };
}

/** Quiet today? A rise above what it was when somebody asked for quiet ends it. */
export function isSnoozed({ snoozed: snooze }: Incident, severity: Incident['severity'], now: Instant): boolean {
  return snooze !== null && snooze.until > dayOf(now) && level(severity) <= level(snooze.severity);
}
