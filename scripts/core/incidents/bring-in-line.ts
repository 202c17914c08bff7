import type { ChangeIssue, KeepRecord } from './action.ts';
import type { Deciding } from './deciding.ts';
import type { FindingGroup } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { facts, labelsOf } from './incident-facts.ts';
import { markedBody } from './issue-marker.ts';
import { issueBlock } from './issue-text.ts';
import { nextStep } from './next-step.ts';
import { assignable } from './people-to-tell.ts';
import { serviceTargets } from './service-levels.ts';
import type { TrackedIssue } from './tracked-issue.ts';

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
