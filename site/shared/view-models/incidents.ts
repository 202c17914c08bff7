import { epochMs, type Instant } from '#scripts/core/clock.ts';
import { EVENT_WORDS } from '#scripts/core/incidents/event-words.ts';
import type { Incident } from '#scripts/core/incidents/incident.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { SiteFacts } from './domain-facts.ts';
import type { Redaction } from './redaction.ts';
import { count, instantText, withDays } from './words.ts';

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

export function incidentView(incident: Incident, now: Instant, redact: Redaction): IncidentView {
  const { key, number, rule, summary, peak, state, recovering, domains, detected_at, closed, timeline } = incident;
  const open = state !== 'closed';
  return {
    key,
    issue: number,
    rule,
    summary: redact.text(withDays(summary, now), 400),
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
      text: redact.on || detail === null ? EVENT_WORDS[event] : `${EVENT_WORDS[event]}: ${redact.text(detail, 200)}`,
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

export interface IncidentList {
  readonly sentence: string;
  readonly open: readonly IncidentView[];
  readonly closed: readonly IncidentView[];
  /** Closed ones that are not shown. */
  readonly more: number;
}

const SHOWN = { open: 100, closed: 60 } as const;
const ORDER = ['sev1', 'sev2', 'sev3'];

/** What is open, most urgent first, and what was closed last. */
export function incidentList({ incidents, now }: SiteFacts, redact: Redaction): IncidentList {
  if (incidents === null)
    return {
      sentence: 'Nothing keeps incidents here: whether there were any is not known.',
      open: [],
      closed: [],
      more: 0,
    };
  const { open, closed, shown } = sorted(incidents);
  const view = (one: Incident) => incidentView(one, now, redact);
  const told =
    incidents.length === 0
      ? 'No incident has been opened.'
      : `${open.length === 0 ? 'No incident is open' : `${count(open.length, 'incident is', 'incidents are')} open`}; ${count(closed.length, 'is closed', 'are closed')}.`;
  return {
    sentence: told,
    open: shown.open.map(view),
    closed: shown.closed.map(view),
    more: open.length - shown.open.length + closed.length - shown.closed.length,
  };
}

/** Those that stand on the page. */
export function shownIncidents({ incidents }: Pick<SiteFacts, 'incidents'>): readonly Incident[] {
  const { shown } = sorted(incidents ?? []);
  return [...shown.open, ...shown.closed];
}

function sorted(incidents: readonly Incident[]) {
  const newest = incidents.toReversed();
  const open = newest
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => ORDER.indexOf(a.peak) - ORDER.indexOf(b.peak));
  const closed = newest.filter(({ state }) => state === 'closed');
  return { open, closed, shown: { open: open.slice(0, SHOWN.open), closed: closed.slice(0, SHOWN.closed) } };
}
