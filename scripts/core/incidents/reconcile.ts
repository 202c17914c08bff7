import type { Agreement } from '../agreement.ts';
import type { Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { type Action, byNeed } from './action.ts';
import { bringInLine } from './bring-in-line.ts';
import { chooseIssue } from './choose-issue.ts';
import { mergeIssue } from './close-issue.ts';
import { type FindingGroup, groupFindings } from './grouping.ts';
import { type Alerts, endedWithoutIssue, type Incident, noted, withoutGone, withoutOld } from './incident.ts';
import { lived } from './life.ts';
import { newIncident, openIssue } from './open-issue.ts';
import { type IssueOf, overflowActions, type Waiting } from './overflow.ts';
import { ownIssues } from './ownership.ts';
import type { ResponsibleOf } from './people-to-tell.ts';
import { type Reminder, remindersOf } from './reminders.ts';
import type { People, TrackedIssue } from './tracked-issue.ts';
import { withoutFinding } from './without-finding.ts';

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
  const { now, settings } = input;
  const authors = [...new Set([...input.alerts.authors, ...(input.author === null ? [] : [input.author])])];
  const whole = withoutGone(input.alerts, input.gone, now);
  const owned = ownIssues({ alerts: whole, issues: input.issues, authors, hours: settings.business_hours, now });
  const alerts = withoutOld(owned, now);
  const issues = new Map(input.issues.map((issue) => [issue.number, issue]));
  const issueOf: IssueOf = ({ number }) => (number === null ? undefined : issues.get(number));
  const living = Object.values(alerts.incidents).map((incident) => {
    const issue = issueOf(incident);
    if (issue === undefined) return incident;
    return lived(incident, { issue, people: input.peopleOf(issue.number), authors, last_run: input.last_run, now });
  });
  const ordinary = living.filter(({ kind }) => kind === 'findings');
  const groups = groupFindings(input.findings, ordinary);
  const { actions: ofGroups, waiting, settled } = settleGroups(groups, alerts, issueOf, input);

  // What was asked for and not heard of comes first, then the most urgent.
  const inTurn = [...waiting].sort((a, b) => Number(b.incident.creating) - Number(a.incident.creating));
  const later = inTurn.slice(settings.max_new_per_run);
  const actions: readonly Action[] = [
    ...ofGroups,
    ...inTurn.slice(0, settings.max_new_per_run).map(({ incident, group }) => openIssue(incident, group, input)),
    ...later.map(({ incident }): Action => ({ kind: 'record', incident })),
    ...ordinary
      .filter(({ key }) => !settled.has(key))
      .flatMap((incident) => withoutFinding(incident, issueOf(incident), input)),
    ...overflowActions({
      lists: living.filter(({ kind }) => kind === 'overflow'),
      issueOf,
      later,
      deciding: input,
      key: `${input.seed}-overflow`,
    }),
  ];
  return {
    actions: actions.filter((action) => action.kind !== 'record' || !isStored(action.incident, alerts)).sort(byNeed),
    alerts,
    unchanged: unchangedOf(actions, groups),
    reminders: remindersOf(
      actions.map(({ incident }) => incident),
      now,
    ),
  };
}

interface SettledGroups {
  readonly actions: readonly Action[];
  /** Groups without an issue, most urgent first. */
  readonly waiting: readonly Waiting[];
  /** Keys of the incidents that were spoken of. */
  readonly settled: ReadonlySet<string>;
}

/** Every group and the incidents that know it: brought in line, merged, or left to wait for an issue. */
function settleGroups(
  groups: readonly FindingGroup[],
  { incidents: stored }: Alerts,
  issueOf: IssueOf,
  input: ReconcileInput,
): SettledGroups {
  const actions: Action[] = [];
  const waiting: Waiting[] = [];
  const settled = new Set<string>();
  groups.forEach((group, index) => {
    const { primary, reopening, duplicates } = chooseIssue(group, input.now);
    for (const incident of duplicates) {
      settled.add(incident.key);
      actions.push(mergeInto(primary, incident, issueOf(incident), input.now));
    }
    if (primary === null) {
      if (!group.recovering) waiting.push({ group, incident: newIncident(`${input.seed}-${index}`, group, input) });
      return;
    }
    settled.add(primary.key);
    const incident = withMembers(primary, duplicates);
    const [issue, before] = [issueOf(incident), stored[incident.key]];
    if (incident.state === 'waiting') {
      if (!group.recovering || incident.creating) waiting.push({ group, incident });
      // What recovers before its turn never needed an issue.
      else actions.push({ kind: 'record', incident: endedWithoutIssue(incident, input.now) });
    } else if (issue === undefined || before === undefined || (incident.state === 'closed' && reopening === null))
      actions.push({ kind: 'record', incident });
    else actions.push(bringInLine(before, incident, issue, group, input, reopening));
  });
  return { actions, waiting, settled };
}

function mergeInto(
  primary: Incident | null,
  incident: Incident,
  issue: TrackedIssue | undefined,
  now: Instant,
): Action {
  if (issue !== undefined && primary?.number != null) return mergeIssue(incident, issue, primary.number, now);
  return { kind: 'record', incident: noted(endedWithoutIssue(incident, now), now, 'merged') };
}

function withMembers(primary: Incident, duplicates: readonly Incident[]): Incident {
  const members = [...new Set([primary, ...duplicates].flatMap((incident) => incident.members))].sort();
  return members.length === primary.members.length ? primary : { ...primary, members };
}

/** Issues of live findings of which nothing is to be said. */
function unchangedOf(actions: readonly Action[], groups: readonly FindingGroup[]): readonly number[] {
  const live = new Set(groups.flatMap(({ members, known }) => [...members, ...known.map(({ key }) => key)]));
  const numbers = actions.flatMap(({ kind, incident: { key, members, number, closed } }) =>
    // One that we closed was merged into another, or is told by a newer one.
    kind === 'record' && number !== null && closed?.by !== 'postern' && [key, ...members].some((name) => live.has(name))
      ? number
      : [],
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function isStored(incident: Incident, { incidents }: Alerts): boolean {
  const stored = incidents[incident.key];
  return stored === incident || (stored !== undefined && JSON.stringify(stored) === JSON.stringify(incident));
}
