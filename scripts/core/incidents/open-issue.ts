import { level } from '../analysis/severity.ts';
import type { OpenIssue } from './action.ts';
import type { Deciding } from './deciding.ts';
import { type FindingGroup, lead } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { facts, labelsOf } from './incident-facts.ts';
import { issueBlock, issueTitle } from './issue-text.ts';
import { assignable, calledFor } from './people-to-tell.ts';
import { type ServiceTargets, serviceTargets, sharperTargets } from './service-levels.ts';

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

/** What rose while it waited for its turn is promised from now; all else from when it was detected. */
function targetsSince(
  { targets, severity }: Incident,
  group: FindingGroup,
  { settings, now }: Deciding,
): ServiceTargets {
  if (level(group.severity) <= level(severity)) return targets;
  return sharperTargets(targets, serviceTargets(group.severity, now, settings.business_hours));
}
