import { dayOf, type Instant } from '../clock.ts';
import type { IncidentRecord } from '../month/incident-records.ts';
import { firstDay, lastDay, type Month } from '../month/period.ts';
import type { Alerts, Incident } from './incident.ts';

/** Every incident that was alive on a day of the month, oldest first. What happened later is not told yet. */
export function incidentsOfMonth(alerts: Alerts, month: Month): readonly IncidentRecord[] {
  return Object.values(alerts.incidents)
    .filter(({ kind, timeline }) => kind === 'findings' && timeline.at(-1)?.event !== 'merged')
    .filter(
      ({ detected_at, closed }) =>
        dayOf(detected_at) <= lastDay(month) && (closed === null || dayOf(closed.at) >= firstDay(month)),
    )
    .map((incident) => recordOf(incident, month))
    .sort((a, b) =>
      a.detected_at < b.detected_at ? -1 : a.detected_at > b.detected_at ? 1 : a.fingerprint < b.fingerprint ? -1 : 1,
    );
}

function recordOf(incident: Incident, month: Month): IncidentRecord {
  const { number, members, rule, domains, peak, summary, detected_at, opened_at, acknowledged, closed, targets } =
    incident;
  const until = (at: Instant | null | undefined): Instant | null =>
    at === null || at === undefined || dayOf(at) > lastDay(month) ? null : at;
  return {
    issue: number,
    fingerprint: members[0] ?? rule,
    rule,
    domains,
    severity: peak,
    summary,
    detected_at,
    acknowledged_at: until(acknowledged?.at),
    notified_at: until(opened_at),
    recovered_at: until(closed?.recovered_at),
    closed_at: until(closed?.at),
    ...targets,
    timeline: incident.timeline.filter(({ at }) => until(at) !== null),
  };
}
