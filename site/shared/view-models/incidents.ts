import { epochMs, type Instant } from '#scripts/core/clock.ts';
import type { Incident, IncidentEvent } from '#scripts/core/incidents/incident.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { Redaction } from './redaction.ts';
import { count, instantText } from './words.ts';

/** An incident as the pages tell it. */
export interface IncidentView {
  /** Also the anchor on the incidents page. */
  readonly key: string;
  readonly issue: number | null;
  readonly rule: string;
  readonly summary: string;
  readonly severity: string;
  readonly urgent: boolean;
  readonly state: string;
  readonly open: boolean;
  readonly domains: readonly { readonly domain: string; readonly name: string }[];
  readonly moreDomains: number;
  readonly detected: string;
  readonly lasted: string;
  readonly targets: readonly { readonly name: string; readonly text: string; readonly missed: boolean }[];
  readonly timeline: readonly { readonly at: string; readonly text: string }[];
}

const MAX_DOMAINS = 12;

const EVENTS: Readonly<Record<IncidentEvent, string>> = {
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

export function incidentView(incident: Incident, now: Instant, redact: Redaction): IncidentView {
  const { key, number, rule, summary, peak, state, recovering, domains, detected_at, closed, timeline } = incident;
  const open = state !== 'closed';
  return {
    key,
    issue: number,
    rule,
    summary: redact.text(summary, 400),
    severity: peak,
    urgent: open && peak !== 'sev3',
    state: !open ? 'closed' : recovering ? 'recovering' : state === 'waiting' ? 'open, without an issue yet' : 'open',
    open,
    domains: domains.slice(0, MAX_DOMAINS).map((domain) => ({ domain, name: displayDomainName(domain) })),
    moreDomains: Math.max(0, domains.length - MAX_DOMAINS),
    detected: instantText(detected_at),
    lasted: lasting(detected_at, closed?.at ?? now, open),
    targets: targetsOf(incident, now),
    // Who did something, and in which words, is for those who may read the issue.
    timeline: timeline.map(({ at, event, detail }) => ({
      at: instantText(at),
      text: redact.on || detail === null ? EVENTS[event] : `${EVENTS[event]}: ${redact.text(detail, 200)}`,
    })),
  };
}

function lasting(from: Instant, to: Instant, open: boolean): string {
  const minutes = Math.max(0, Math.round((epochMs(to) - epochMs(from)) / 60_000));
  const length =
    minutes < 120
      ? count(minutes, 'minute')
      : minutes < 48 * 60
        ? count(Math.round(minutes / 60), 'hour')
        : count(Math.round(minutes / 1440), 'day');
  return open ? `for ${length} so far` : `lasted ${length}`;
}

function targetsOf({ targets, acknowledged, closed, opened_at }: Incident, now: Instant): IncidentView['targets'] {
  const recovered = closed?.recovered_at ?? null;
  return [
    target('Respond', targets.respond_by, acknowledged?.at ?? recovered, now),
    target('Notify', targets.notify_by, opened_at, now),
    target('Resolve', targets.resolve_by, recovered, now),
  ].flat();
}

function target(name: string, by: Instant | null, done: Instant | null, now: Instant): IncidentView['targets'] {
  if (by === null) return [];
  const missed = (done ?? now) > by;
  const text =
    done === null
      ? missed
        ? `missed: it was due ${instantText(by)}`
        : `due ${instantText(by)}`
      : `${missed ? 'late' : 'in time'}: ${instantText(done)}, due ${instantText(by)}`;
  return [{ name, text, missed }];
}
