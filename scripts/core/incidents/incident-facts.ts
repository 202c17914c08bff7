import { level } from '../analysis/severity.ts';
import type { Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { type FindingGroup, lead } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { serviceTargets, sharperTargets } from './service-levels.ts';

/** What the record says of the findings; the severity only when it is new to it, see withSeverity. */
export function facts(incident: Incident, group: FindingGroup): Incident {
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

/** A higher severity sharpens what was promised; a lower one is noted and promises nothing anew. */
export function withSeverity(
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

/** The labels that we want on its issue. */
export function labelsOf({ severity, rule }: Incident, { labels }: AlertSettings): readonly string[] {
  return [...new Set(['postern', severity, rule.slice(0, 50), ...labels])];
}
