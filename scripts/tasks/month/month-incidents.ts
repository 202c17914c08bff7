import { alertsOf } from '../../core/incidents/incident.ts';
import { incidentsOfMonth } from '../../core/incidents/month-records.ts';
import type { IncidentRecord } from '../../core/month/incident-records.ts';
import type { Month } from '../../core/month/period.ts';
import { loadCheckpoint } from '../checkpoint.ts';

/** What `alert` has kept of the month; null while it has never run, because then nobody knows. */
export function monthIncidents(data: string, period: Month): readonly IncidentRecord[] | null {
  const { tasks, sections } = loadCheckpoint(data);
  const alerts = tasks['alert'] === undefined ? null : alertsOf(sections['alerts']);
  return alerts === null ? null : incidentsOfMonth(alerts, period);
}
