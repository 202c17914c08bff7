import type { Agreement } from '../agreement.ts';
import { level } from '../analysis/severity.ts';
import { dayOf, type Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import type { ChangeIssue, KeepRecord, OpenIssue } from './action.ts';
import { type Comment, calling, comment, timelineText, now as words } from './comment-text.ts';
import { type FindingGroup, lead } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { markedBlock, markedBody } from './issue-marker.ts';
import { issueBlock, issueTitle, markerOf, shortTime } from './issue-text.ts';
import { isSnoozed } from './life.ts';
import { assignable, calledFor, type Responsible, type ResponsibleOf } from './people-to-tell.ts';
import { type ServiceTargets, serviceTargets, sharperTargets, standing } from './service-levels.ts';
import type { TrackedIssue } from './tracked-issue.ts';

export interface Deciding {
  readonly settings: AlertSettings;
  readonly responsibleOf: ResponsibleOf;
  readonly agreementOf: (domain: string) => Agreement | null;
  readonly now: Instant;
}

/** The record of findings that have no issue yet. */
export function newIncident(key: string, group: FindingGroup, { settings, now }: Deciding): Incident {
  const { rule, summary, since } = lead(group);
  return {
    key,
    kind: 'findings',
    number: null,
    state: 'waiting',
    creating: false,
    members: group.members,
    cause: group.cause,
    rule,
    summary,
    domains: group.domains,
    severity: group.severity,
    peak: group.severity,
    recovering: group.recovering,
    detected_at: now,
    opened_at: null,
    closed: null,
    acknowledged: null,
    heard_after: null,
    snoozed: null,
    targets: serviceTargets(group.severity, now, settings.business_hours),
    addressed: [],
    mentioned: [],
    labels: [],
    assigned: [],
    kept_open: false,
    timeline: [{ at: now, event: 'detected', detail: `facts since ${since}` }],
    updated_at: null,
  };
}

/** The issue for an incident that has none. */
export function openIssue(waiting: Incident, group: FindingGroup, deciding: Deciding): OpenIssue {
  const { settings, responsibleOf, agreementOf, now } = deciding;
  const current = facts({ ...waiting, targets: targetsSince(waiting, group, deciding) }, group);
  const called = calledFor(current.rule, group.severity, responsibleOf(group.domains));
  const labels = labelsOf(current, settings);
  const incident: Incident = {
    ...noted(current, now, 'opened', group.severity),
    state: 'open',
    peak: group.severity,
    opened_at: now,
    addressed: called,
    mentioned: called,
    labels,
    assigned: assignable(called),
  };
  const body = issueBlock({ group, incident, agreementOf });
  return { kind: 'open', incident, title: issueTitle(group), body, labels, assignees: assignable(called) };
}

/**
 * An issue that is open, or is opened again because its finding is back: brought in line with what is found now. At most
 * one comment, and only when the state changed. `before` is the record as it was stored, `after` with what people did.
 */
export function bringInLine(
  before: Incident,
  after: Incident,
  issue: TrackedIssue,
  group: FindingGroup,
  deciding: Deciding,
  reopening: string | null,
): ChangeIssue | KeepRecord {
  const { settings, responsibleOf, agreementOf } = deciding;
  const reopened =
    reopening === null ? facts(after, group) : openedAgain(facts(after, group), issue, reopening, deciding);
  const step = nextStep(before, reopened, group, responsibleOf(group.domains), deciding, reopening);
  const wanted = labelsOf(step.incident, settings);
  const add = wanted.filter((label) => !step.incident.labels.includes(label));
  const remove = issue.labels.filter(
    (label) => /^sev[123]$/.test(label) && step.incident.labels.includes(label) && !wanted.includes(label),
  );
  const assign = assignable(step.called).filter((login) => !step.incident.assigned.some((one) => same(one, login)));
  const incident: Incident = {
    ...step.incident,
    labels: [...step.incident.labels.filter((label) => !/^sev[123]$/.test(label) || wanted.includes(label)), ...add],
    assigned: [...step.incident.assigned, ...assign],
  };
  const block = issueBlock({ group, incident, agreementOf });
  const change = {
    block: markedBody(issue.body)?.block === block ? null : block,
    add_labels: add.filter((label) => !issue.labels.includes(label)),
    remove_labels: remove,
    add_assignees: assign.filter((login) => !issue.assignees.some((one) => same(one, login))),
    state: issue.state === 'closed' ? ({ to: 'open' } as const) : null,
    comment: step.comment,
  };
  if (isNothing(change)) return { kind: 'record', incident };
  const what = change.state !== null ? 'reopened' : step.escalated ? 'escalated' : 'updated';
  return { kind: 'change', what, number: issue.number, incident, ...change };
}

/** The issue of a finding that is gone, or that an issue with a lower number speaks of. */
export function closeIssue(
  incident: Incident,
  issue: TrackedIssue,
  why: {
    readonly event: 'recovered' | 'closed' | 'merged';
    readonly words: string;
    readonly reason: 'completed' | 'not_planned';
  },
  now: Instant,
): ChangeIssue {
  const recovered_at = why.event === 'recovered' ? now : null;
  const closing = {
    at: now,
    by: 'postern' as const,
    reason: why.reason,
    severity: incident.severity,
    recovered_at: now,
  };
  const ended = noted({ ...incident, state: 'closed', closed: closing }, now, why.event, null);
  const said = comment(incident, why.event, [why.words, recovered_at === null ? '' : timelineText(ended)]);
  return {
    kind: 'change',
    what: 'closed',
    number: issue.number,
    incident: ended,
    block: null,
    add_labels: [],
    remove_labels: [],
    add_assignees: [],
    state: issue.state === 'open' ? { to: 'closed', reason: why.reason } : null,
    comment: said,
  };
}

/** A second issue of the same: what it says now is only where to look. */
export function mergeIssue(incident: Incident, issue: TrackedIssue, into: number, now: Instant): ChangeIssue {
  const words = `**Merged** into #${into}, which speaks of the same.`;
  const closing = closeIssue(incident, issue, { event: 'merged', words, reason: 'not_planned' }, now);
  return { ...closing, block: markedBlock({ ...markerOf(incident), kind: 'merged' }, words) };
}

/** What rose while it waited for its turn is promised from now; all else from when it was detected. */
function targetsSince(
  { targets, severity }: Incident,
  group: FindingGroup,
  { settings, now }: Deciding,
): ServiceTargets {
  if (level(group.severity) <= level(severity)) return targets;
  return sharperTargets(targets, serviceTargets(group.severity, now, settings.business_hours));
}

interface Step {
  readonly incident: Incident;
  readonly comment: Comment | null;
  readonly escalated: boolean;
  /** Whom it calls now, with `@`. */
  readonly called: readonly string[];
}

function nextStep(
  before: Incident,
  after: Incident,
  group: FindingGroup,
  responsible: Responsible,
  { settings, now }: Deciding,
  reopening: string | null,
): Step {
  const { severity } = group;
  const called = calledFor(after.rule, severity, responsible);
  const unheard = called.filter((handle) => !after.mentioned.includes(handle));
  const told = (incident: Incident, handles: readonly string[]): Incident => ({
    ...incident,
    mentioned: [...incident.mentioned, ...handles],
  });
  if (reopening !== null)
    return {
      incident: told(after, unheard),
      comment: comment(before, 'reopened', [`**Opened again**: ${reopening}.`, words(group), calling(unheard)]),
      escalated: false,
      called,
    };

  const isQuiet = isSnoozed(after, severity, now);
  const settled = withSeverity(after, severity, settings, now);
  if (level(severity) > level(before.peak) && !isQuiet) {
    const risen = told(noted(settled, now, 'escalated', `to ${severity}`), unheard);
    return {
      incident: { ...risen, peak: severity, recovering: group.recovering, snoozed: null },
      comment: comment(before, `escalated-${severity}`, [
        `**Escalated to ${severity}**, from ${before.severity}.`,
        words(group),
        calling(unheard),
      ]),
      escalated: true,
      called,
    };
  }
  if (after.snoozed !== null && after.snoozed.until !== before.snoozed?.until && isQuiet)
    return {
      incident: noted({ ...settled, recovering: group.recovering }, now, 'snoozed', `until ${after.snoozed.until}`),
      comment: comment(before, `snoozed-${after.snoozed.until}`, [
        `**Snoozed** until ${after.snoozed.until}. A higher severity ends it sooner.`,
      ]),
      escalated: false,
      called: [],
    };
  if (after.snoozed !== null && after.snoozed.until <= dayOf(now))
    return {
      incident: { ...noted(settled, now, 'woken', null), snoozed: null, recovering: group.recovering },
      comment: comment(before, `woken-${after.snoozed.until}`, [
        '**The snooze is over**, and this is still found.',
        words(group),
      ]),
      escalated: false,
      called,
    };
  if (group.recovering && !before.recovering) {
    const soon = before.timeline.some(({ event, at }) => event === 'recovering' && hoursBetween(at, now) < 24);
    return {
      incident: noted({ ...settled, recovering: true }, now, 'recovering', null),
      // One that flickers is told once a day.
      comment: soon
        ? null
        : comment(before, 'recovering', [
            '**Recovering.** One more sound look or clean day closes this.',
            words(group),
          ]),
      escalated: false,
      called: [],
    };
  }
  if (!group.recovering && before.recovering)
    return {
      incident: noted({ ...settled, recovering: false }, now, 'relapsed', null),
      comment: null,
      escalated: false,
      called,
    };
  return (
    overdue(before, settled, group, responsible, now) ?? {
      incident: settled,
      comment: null,
      escalated: false,
      called: isQuiet ? [] : called,
    }
  );
}

/** Nobody reacted, or nobody mended it, in the promised time: the on-call is called, once. */
function overdue(
  before: Incident,
  after: Incident,
  group: FindingGroup,
  { owners, oncall }: Responsible,
  now: Instant,
): Step | null {
  const { targets, detected_at, acknowledged, mentioned } = after;
  if (group.recovering || isSnoozed(after, group.severity, now)) return null;
  const response =
    standing(detected_at, targets.respond_by, acknowledged?.at ?? null, now) === 'missed' && acknowledged === null;
  const resolution = standing(detected_at, targets.resolve_by, null, now) === 'missed';
  const unheard = [...owners, ...oncall].filter((handle) => !mentioned.includes(handle));
  if ((!response && !resolution) || unheard.length === 0) return null;
  const missed = response
    ? `nobody has reacted by ${shortTime(targets.respond_by ?? now)}`
    : `it is not mended by ${shortTime(targets.resolve_by ?? now)}`;
  return {
    incident: noted({ ...after, mentioned: [...mentioned, ...unheard] }, now, 'escalated', missed),
    comment: comment(before, response ? 'escalated-response' : 'escalated-resolution', [
      `**Escalated to the on-call**: ${missed}.`,
      words(group),
      calling(unheard),
    ]),
    escalated: true,
    called: [...new Set([...owners, ...oncall])],
  };
}

function openedAgain(incident: Incident, issue: TrackedIssue, why: string, { settings, now }: Deciding): Incident {
  return {
    ...noted(incident, now, 'reopened', why),
    state: 'open',
    closed: null,
    acknowledged: null,
    heard_after: issue.updated_at,
    snoozed: null,
    peak: incident.severity,
    recovering: false,
    targets: serviceTargets(incident.severity, now, settings.business_hours),
    kept_open: false,
  };
}

/** What the record says of the findings; the severity only when it is new to it, see withSeverity. */
function facts(incident: Incident, group: FindingGroup): Incident {
  return {
    ...incident,
    members: [...new Set([...incident.members, ...group.members])].sort(),
    cause: group.cause ?? incident.cause,
    rule: incident.state === 'open' ? incident.rule : lead(group).rule,
    summary: lead(group).summary,
    domains: group.domains,
    kept_open: false,
    severity: incident.state === 'open' ? incident.severity : group.severity,
  };
}

function withSeverity(
  incident: Incident,
  severity: Incident['severity'],
  settings: AlertSettings,
  now: Instant,
): Incident {
  if (severity === incident.severity) return incident;
  const rises = level(severity) > level(incident.severity);
  const targets = rises
    ? sharperTargets(incident.targets, serviceTargets(severity, now, settings.business_hours))
    : incident.targets;
  const changed = { ...incident, severity, targets };
  return rises ? changed : noted(changed, now, 'eased', `to ${severity}`);
}

function labelsOf({ severity, rule }: Incident, { labels }: AlertSettings): readonly string[] {
  return [...new Set(['postern', severity, rule.slice(0, 50), ...labels])];
}

function isNothing(
  change: Pick<ChangeIssue, 'block' | 'add_labels' | 'remove_labels' | 'add_assignees' | 'state' | 'comment'>,
): boolean {
  const { block, add_labels, remove_labels, add_assignees, state, comment: said } = change;
  return (
    block === null &&
    add_labels.length === 0 &&
    remove_labels.length === 0 &&
    add_assignees.length === 0 &&
    state === null &&
    said === null
  );
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function hoursBetween(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 3_600_000;
}
