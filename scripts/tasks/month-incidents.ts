import type { IncidentRecord } from '../core/month/incident-records.ts';
import type { Month } from '../core/month/period.ts';

/** Nothing keeps incidents yet. */
export function monthIncidents(_data: string, _period: Month): readonly IncidentRecord[] | null {
  return null;
}
