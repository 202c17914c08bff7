import type { Day, Instant } from '../clock.ts';
import type { Severity } from '../finding.ts';
import type { ServiceTargets } from './service-levels.ts';

/** A finding's life in an issue, as `data/checkpoint.json` keeps it under `alerts`. Every time that counts is in it. */
export interface Incident {
  /** Ours alone: drawn at random when it began, and part of the marker. */
  readonly key: string;
  /** `overflow`: the one issue that lists what has none of its own yet. */
  readonly kind: 'findings' | 'overflow';
  /** Null while it waits for its turn, or while it is not known whether the issue was made. */
  readonly number: number | null;
  /** `waiting`: found, and more new ones came before it. */
  readonly state: 'waiting' | 'open' | 'closed';
  /** Set before an issue is asked for, until its number is known: then it is looked for before it is asked for again. */
  readonly creating: boolean;
  /** Fingerprints of every finding that belonged to it. */
  readonly members: readonly string[];
  /** What the review calls the cause; null when a finding stands alone. */
  readonly cause: string | null;
  readonly rule: string;
  /** What was found last, in one sentence. */
  readonly summary: string;
  readonly domains: readonly string[];
  readonly severity: Severity;
  /** The highest it had since it was opened. */
  readonly peak: Severity;
  readonly recovering: boolean;
  readonly detected_at: Instant;
  readonly opened_at: Instant | null;
  readonly closed: Closing | null;
  readonly acknowledged: { readonly at: Instant; readonly by: string } | null;
  /** On GitHub's clock: what people did before belongs to an earlier life of the issue. */
  readonly heard_after: string | null;
  readonly snoozed: Snooze | null;
  readonly targets: ServiceTargets;
  /** Handles that the issue's text names; GitHub tells them once. */
  readonly addressed: readonly string[];
  /** Handles named anywhere: nobody is named twice. */
  readonly mentioned: readonly string[];
  /** Labels and logins that we have set: what a person took away is not set again. */
  readonly labels: readonly string[];
  readonly assigned: readonly string[];
  /** A person opened it again after we closed it: then it is theirs to close, until its finding comes back. */
  readonly kept_open: boolean;
  readonly timeline: readonly TimelineEntry[];
  /** What GitHub said after our last write; a list that says an older time is stale. */
  readonly updated_at: string | null;
}

interface Closing {
  readonly at: Instant;
  readonly by: 'postern' | 'person';
  readonly reason: 'completed' | 'not_planned';
  /** At that moment: a person's *not planned* stands until it rises. */
  readonly severity: Severity;
  /** When the finding was gone; null while it is still there. */
  readonly recovered_at: Instant | null;
}

interface Snooze {
  readonly until: Day;
  readonly severity: Severity;
}

export interface TimelineEntry {
  readonly at: Instant;
  readonly event: IncidentEvent;
  readonly detail: string | null;
}

export type IncidentEvent =
  | 'detected'
  | 'opened'
  | 'escalated'
  | 'eased'
  | 'acknowledged'
  | 'snoozed'
  | 'woken'
  | 'recovering'
  | 'relapsed'
  | 'recovered'
  | 'closed'
  | 'reopened'
  | 'merged';

export interface Alerts {
  readonly version: 1;
  /** Logins that our issues were made under: a new token or App does not disown the old ones. */
  readonly authors: readonly string[];
  /** By key. */
  readonly incidents: Readonly<Record<string, Incident>>;
}

export const NO_ALERTS: Alerts = { version: 1, authors: [], incidents: {} };

/** The section as it was stored; anything else is not taken for empty, because then every issue would be made again. */
export function alertsOf(section: unknown): Alerts | null {
  if (section === undefined || section === null) return NO_ALERTS;
  const { version, authors, incidents } = section as Partial<Alerts>;
  if (version !== 1 || !Array.isArray(authors) || typeof incidents !== 'object' || incidents === null) return null;
  return { version, authors, incidents };
}

export function withIncident(alerts: Alerts, incident: Incident): Alerts {
  return { ...alerts, incidents: { ...alerts.incidents, [incident.key]: incident } };
}

export function withAuthor(alerts: Alerts, author: string): Alerts {
  return author === '' || alerts.authors.includes(author)
    ? alerts
    : { ...alerts, authors: [...alerts.authors, author].sort() };
}

export function noted(incident: Incident, at: Instant, event: IncidentEvent, detail: string | null = null): Incident {
  return { ...incident, timeline: [...incident.timeline, { at, event, detail }] };
}

/** Closed incidents are evidence for the year's audit; a month's figures hold them for longer. */
const KEPT_DAYS = 400;

export function withoutOld(alerts: Alerts, now: Instant): Alerts {
  const oldest = Date.parse(now) - KEPT_DAYS * 86_400_000;
  const kept = Object.entries(alerts.incidents).filter(
    ([, { state, closed }]) => state !== 'closed' || closed === null || Date.parse(closed.at) >= oldest,
  );
  return kept.length === Object.keys(alerts.incidents).length
    ? alerts
    : { ...alerts, incidents: Object.fromEntries(kept) };
}

/** Somebody deleted or moved the issue: what is still found begins anew. */
export function withoutGone(alerts: Alerts, gone: ReadonlySet<number>, now: Instant): Alerts {
  return Object.values(alerts.incidents)
    .filter(({ number }) => number !== null && gone.has(number))
    .reduce((rest, incident) => {
      const { severity } = incident;
      const closed: Closing = { at: now, by: 'person', reason: 'completed', severity, recovered_at: now };
      const ended: Incident = { ...incident, number: null, state: 'closed', closed };
      return withIncident(rest, noted(ended, now, 'closed', 'the issue was deleted'));
    }, alerts);
}

/** Over, before there was an issue of its own to close. */
export function endedWithoutIssue(incident: Incident, now: Instant): Incident {
  const { severity } = incident;
  const closed: Closing = { at: now, by: 'postern', reason: 'completed', severity, recovered_at: now };
  return { ...incident, state: 'closed', closed };
}
