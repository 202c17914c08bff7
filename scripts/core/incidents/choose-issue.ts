import { level } from '../analysis/severity.ts';
import { dayOf, type Instant } from '../clock.ts';
import { namesOf } from '../finding.ts';
import { duration } from './comment-text.ts';
import type { FindingGroup } from './grouping.ts';
import type { Incident } from './incident.ts';

/** Within so many days a finding that comes back goes on in its old issue. */
const SAME_ISSUE_DAYS = 14;
/** So long a person's *completed* is believed while the finding is still there. */
const BELIEVED_DAYS = 2;

interface Choice {
  readonly primary: Incident | null;
  /** Why its closed issue is opened again; null when it is open, waits, or stays closed. */
  readonly reopening: string | null;
  /** Others that speak of the same. */
  readonly duplicates: readonly Incident[];
}

/** Which of the incidents that know a finding goes on: the open one with the lowest number, else one that may come back. */
export function chooseIssue(group: FindingGroup, now: Instant): Choice {
  const open = group.known.filter(({ state, number }) => state === 'open' && number !== null).sort(byNumber);
  const waiting = group.known.filter(({ state }) => state === 'waiting').sort((a, b) => (a.key < b.key ? -1 : 1));
  const [lowest, ...others] = open;
  if (lowest !== undefined) return { primary: lowest, reopening: null, duplicates: [...others, ...waiting] };

  const closed = group.known
    .filter(({ state, number }) => state === 'closed' && number !== null)
    .filter((incident) => mayComeBack(incident, now))
    .sort((a, b) => ((a.closed?.at ?? '') > (b.closed?.at ?? '') ? -1 : 1) || byNumber(a, b));
  const back = closed[0];
  if (back !== undefined) return { primary: back, reopening: whyReopen(back, group, now), duplicates: waiting };
  const [first, ...rest] = waiting;
  return { primary: first ?? null, reopening: null, duplicates: rest };
}

export function byNumber(a: Incident, b: Incident): number {
  return (a.number ?? Number.MAX_SAFE_INTEGER) - (b.number ?? Number.MAX_SAFE_INTEGER);
}

function mayComeBack({ closed, timeline }: Incident, now: Instant): boolean {
  if (closed === null || timeline.at(-1)?.event === 'merged') return false;
  if (closed.by === 'person' && closed.recovered_at === null) return true;
  return daysSince(closed.recovered_at ?? closed.at, now) <= SAME_ISSUE_DAYS;
}

/** Null: it stays closed, because a person said so. */
function whyReopen({ closed, snoozed, members }: Incident, group: FindingGroup, now: Instant): string | null {
  if (closed === null || group.recovering) return null;
  // It was not this that the person closed.
  const joined = group.findings.filter(
    (one) => one.state === 'open' && namesOf(one).some((name) => !members.includes(name)),
  );
  if (joined.length > 0 && closed.by === 'person' && closed.recovered_at === null)
    return `it has spread: ${joined.length} more ${joined.length === 1 ? 'finding' : 'findings'} of the same cause`;
  if (level(group.severity) > level(closed.severity) && closed.by === 'person')
    return `the severity rose from ${closed.severity} to ${group.severity}`;
  if (closed.by === 'person' && snoozed !== null)
    return snoozed.until > dayOf(now) ? null : `it was put off until ${snoozed.until}, and is still found`;
  if (closed.by === 'postern' || (closed.recovered_at !== null && closed.reason === 'completed'))
    return `it is found again, ${duration(closed.recovered_at ?? closed.at, now)} after it was gone`;
  if (closed.reason === 'not_planned') return null;
  return daysSince(closed.at, now) >= BELIEVED_DAYS
    ? `it is still found ${duration(closed.at, now)} after it was closed`
    : null;
}

function daysSince(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}
