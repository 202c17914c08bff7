import type { IncidentEvent } from './incident.ts';

/** What happened to an incident, as its timeline says it. */
export const EVENT_WORDS: Readonly<Record<IncidentEvent, string>> = {
  detected: 'Detected',
  opened: 'Issue opened',
  escalated: 'Severity rose',
  eased: 'Severity fell',
  acknowledged: 'Acknowledged',
  snoozed: 'Put aside',
  woken: 'Taken up again',
  recovering: 'No longer seen, not yet sure',
  relapsed: 'Seen again',
  recovered: 'Recovered',
  closed: 'Closed',
  reopened: 'Opened again',
  merged: 'Merged into another',
};
