import type { Agreement } from '../agreement.ts';
import { level } from '../analysis/severity.ts';
import { dayOf, type Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { type Action, byNeed } from './action.ts';
import { bringInLine, closeIssue, type Deciding, mergeIssue, newIncident, openIssue } from './change.ts';
import { duration } from './comment-text.ts';
import { type FindingGroup, groupFindings } from './grouping.ts';
import { type Alerts, type Incident, noted, withIncident, withoutOld } from './incident.ts';
import { lived } from './life.ts';
import { overflowAction } from './overflow.ts';
import { ownIssues } from './ownership.ts';
import type { ResponsibleOf } from './people-to-tell.ts';
import { type Reminder, remindersOf } from './reminders.ts';
import type { People, TrackedIssue } from './tracked-issue.ts';

/** Within so many days a finding that comes back goes on in its old issue. */
const SAME_ISSUE_DAYS = 14;
/** So long a person's *completed* is believed while the finding is still there. */
const BELIEVED_DAYS = 2;

export interface ReconcileInput {
  readonly findings: readonly Finding[];
  readonly alerts: Alerts;
  /** Every issue that was read; recorded ones as GitHub has them now, not as an old list has them. */
  readonly issues: readonly TrackedIssue[];
  /** Recorded numbers that no longer exist. */
  readonly gone: ReadonlySet<number>;
  /** Null: not read in this run. */
  readonly peopleOf: (number: number) => People | null;
  /** The login of this run; null when GitHub does not tell. */
  readonly author: string | null;
  /** Domains that the review speaks of, and those that have a file at all: one with errors is not reviewed. */
  readonly reviewed: ReadonlySet<string>;
  readonly configured: ReadonlySet<string>;
  /** False when stored data could not be read: then nothing is taken for recovered. */
  readonly complete: boolean;
  readonly settings: AlertSettings;
  readonly responsibleOf: ResponsibleOf;
  readonly agreementOf: (domain: string) => Agreement | null;
  readonly last_run: Instant | null;
  readonly now: Instant;
  /** Drawn at random for this run: new incidents are named after it. */
  readonly seed: string;
}

export interface Reconciled {
  /** Most needed first. */
  readonly actions: readonly Action[];
  /** What is known before any action is carried out. */
  readonly alerts: Alerts;
  /** Issues of live findings that are in line already. */
  readonly unchanged: readonly number[];
  readonly reminders: readonly Reminder[];
}

/**
 * What brings the issues in line with the findings. A function of what is, not of what happened: run again after its
 * actions it gives none, and after half of them it gives the rest.
 */
export function reconcile(input: ReconcileInput): Reconciled {
  const { now, settings, seed } = input;
  const authors = [...new Set([...input.alerts.authors, ...(input.author === null ? [] : [input.author])])];
  const alerts = withoutOld(
    ownIssues({ alerts: withoutGone(input), issues: input.issues, authors, hours: settings.business_hours, now }),
    now,
  );
  const issues = new Map(input.issues.map((issue) => [issue.number, issue]));
  const stored = alerts.incidents;
  const living = Object.values(stored).map((incident) => {
    const issue = incident.number === null ? undefined : issues.get(incident.number);
    if (issue === undefined) return incident;
    return lived(incident, { issue, people: input.peopleOf(issue.number), authors, last_run: input.last_run, now });
  });
  const deciding: Deciding = { ...input, now };

  const groups = groupFindings(
    input.findings,
    living.filter(({ kind }) => kind === 'findings'),
  );
  const actions: Action[] = [];
  const waiting: { readonly incident: Incident; readonly group: FindingGroup }[] = [];
  const settled = new Set<string>();
  groups.forEach((group, index) => {
    const { primary, reopening, duplicates } = chooseIssue(group, now);
    for (const incident of duplicates) {
      settled.add(incident.key);
      const issue = incident.number === null ? undefined : issues.get(incident.number);
      if (issue !== undefined && primary?.number != null)
        actions.push(mergeIssue(incident, issue, primary.number, now));
      else actions.push({ kind: 'record', incident: merged(incident, now) });
    }
    const merging = withMembers(primary, duplicates);
    if (merging !== null) settled.add(merging.key);
    const issue = merging?.number == null ? undefined : issues.get(merging.number);
    const before = merging === null ? undefined : stored[merging.key];
    if (merging === null || merging.state === 'waiting') {
      if (!group.recovering || merging?.creating === true)
        waiting.push({ group, incident: merging ?? newIncident(`${seed}-${index}`, group, deciding) });
      // What recovers before its turn never needed an issue.
      else if (merging !== null) actions.push({ kind: 'record', incident: unneeded(merging, now) });
    } else if (issue === undefined || before === undefined || (merging.state === 'closed' && reopening === null))
      actions.push({ kind: 'record', incident: merging });
    else actions.push(bringInLine(before, merging, issue, group, deciding, reopening));
  });

  const first = [...waiting].sort((a, b) => Number(b.incident.creating) - Number(a.incident.creating));
  const opened = first.slice(0, settings.max_new_per_run);
  const later = first.slice(settings.max_new_per_run);
  for (const { incident, group } of opened) actions.push(openIssue(incident, group, deciding));
  for (const { incident } of later) actions.push({ kind: 'record', incident });

  for (const incident of living) {
    if (incident.kind !== 'findings' || settled.has(incident.key)) continue;
    const issue = incident.number === null ? undefined : issues.get(incident.number);
    actions.push(...withoutFinding(incident, issue, input));
  }
  const lists = living.filter(({ kind }) => kind === 'overflow').sort(byNumber);
  const [overflow = null, ...copies] = lists.filter(({ state }) => state === 'open').concat(lists);
  for (const copy of copies) {
    const issue = copy.number === null ? undefined : issues.get(copy.number);
    if (copy.key !== overflow?.key && copy.state === 'open' && issue !== undefined && overflow?.number != null)
      actions.push(mergeIssue(copy, issue, overflow.number, now));
  }
  const overflowIssue = overflow?.number == null ? undefined : issues.get(overflow.number);
  const listing = overflowAction({ overflow, issue: overflowIssue, later, deciding, key: `${seed}-overflow` });
  if (listing !== null) actions.push(listing);

  const needed = actions.filter(
    (action) => action.kind !== 'record' || action.incident !== stored[action.incident.key],
  );
  const unchanged = actions.flatMap((action) =>
    action.kind === 'record' && action.incident.number !== null && isLive(action.incident, groups)
      ? action.incident.number
      : [],
  );
  return {
    actions: needed
      .filter((action) => action.kind !== 'record' || !equal(action.incident, stored[action.incident.key]))
      .sort(byNeed),
    alerts,
    unchanged: [...new Set(unchanged)].sort((a, b) => a - b),
    reminders: remindersOf(
      actions.map(({ incident }) => incident),
      now,
    ),
  };
}

interface Choice {
  readonly primary: Incident | null;
  /** Why its closed issue is opened again; null when it is open, waits, or stays closed. */
  readonly reopening: string | null;
  /** Others that speak of the same. */
  readonly duplicates: readonly Incident[];
}

/** Which of the incidents that know a finding goes on: the open one with the lowest number, else one that may come back. */
function chooseIssue(group: FindingGroup, now: Instant): Choice {
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

function byNumber(a: Incident, b: Incident): number {
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
  const joined = group.findings.filter(({ state, fingerprint }) => state === 'open' && !members.includes(fingerprint));
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

/** An incident whose findings are not in the review: recovered, set aside, or not looked at. */
function withoutFinding(incident: Incident, issue: TrackedIssue | undefined, input: ReconcileInput): readonly Action[] {
  const { now, complete, findings } = input;
  if (incident.state === 'waiting') {
    if (!complete) return [];
    return [{ kind: 'record', incident: unneeded(incident, now) }];
  }
  const filtered = findings.some(
    ({ fingerprint, state }) => state === 'filtered' && incident.members.includes(fingerprint),
  );
  const seen = wasLookedAt(incident, input);
  if (incident.state === 'closed') {
    const { closed } = incident;
    if (closed === null || closed.recovered_at !== null || !seen || filtered) return [{ kind: 'record', incident }];
    const ended = noted({ ...incident, closed: { ...closed, recovered_at: now } }, now, 'recovered', null);
    return [{ kind: 'record', incident: ended }];
  }
  if (issue === undefined || !seen || incident.kept_open) return [{ kind: 'record', incident }];
  if (filtered) {
    const words =
      '**Set aside**: the configuration declares this a known sender issue. It stays in the data and in the month.';
    return [closeIssue(incident, issue, { event: 'closed', words, reason: 'completed' }, now)];
  }
  if (isUnmanaged(incident, input)) {
    const words = '**No longer managed here**: the domain has no file any more, so nothing is looked at.';
    return [closeIssue(incident, issue, { event: 'closed', words, reason: 'completed' }, now)];
  }
  return [
    closeIssue(
      incident,
      issue,
      { event: 'recovered', words: '**Recovered.** It is confirmed that this is gone.', reason: 'completed' },
      now,
    ),
  ];
}

/** Absence proves something only where somebody looked. */
function wasLookedAt({ domains }: Incident, { complete, reviewed, configured }: ReconcileInput): boolean {
  return complete && domains.every((domain) => reviewed.has(domain) || !configured.has(domain));
}

function isUnmanaged({ domains }: Incident, { reviewed }: ReconcileInput): boolean {
  return domains.length > 0 && !domains.some((domain) => reviewed.has(domain));
}

/** Somebody deleted or moved the issue: what is still found begins anew. */
function withoutGone({ alerts, gone, now }: ReconcileInput): Alerts {
  return Object.values(alerts.incidents)
    .filter(({ number }) => number !== null && gone.has(number))
    .reduce((rest, incident) => {
      const closed = {
        at: now,
        by: 'person' as const,
        reason: 'completed' as const,
        severity: incident.severity,
        recovered_at: now,
      };
      return withIncident(
        rest,
        noted({ ...incident, number: null, state: 'closed', closed }, now, 'closed', 'the issue was deleted'),
      );
    }, alerts);
}

function withMembers(primary: Incident | null, duplicates: readonly Incident[]): Incident | null {
  if (primary === null || duplicates.length === 0) return primary;
  const members = [...new Set([primary, ...duplicates].flatMap((incident) => incident.members))].sort();
  return members.length === primary.members.length ? primary : { ...primary, members };
}

function merged(incident: Incident, now: Instant): Incident {
  return noted(unneeded(incident, now), now, 'merged', null);
}

function unneeded(incident: Incident, now: Instant): Incident {
  const { severity } = incident;
  return {
    ...incident,
    state: 'closed',
    closed: { at: now, by: 'postern', reason: 'completed', severity, recovered_at: now },
  };
}

function isLive({ key, members }: Incident, groups: readonly FindingGroup[]): boolean {
  return groups.some(
    (group) => group.known.some((known) => known.key === key) || group.members.some((one) => members.includes(one)),
  );
}

function equal(a: Incident, b: Incident | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function daysSince(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}
