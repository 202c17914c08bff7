import { type Instant, parseInstant } from '../clock.ts';
import type { BusinessHours } from '../config/types.ts';
import { type Alerts, type Incident, withIncident } from './incident.ts';
import { type Marker, markedBody } from './issue-marker.ts';
import { assignable } from './people-to-tell.ts';
import { serviceTargets } from './service-levels.ts';
import type { TrackedIssue } from './tracked-issue.ts';

export interface OwnershipFacts {
  readonly alerts: Alerts;
  /** Every issue of the repository that was read. */
  readonly issues: readonly TrackedIssue[];
  /** Logins that are ours: of this run and of those before. */
  readonly authors: readonly string[];
  readonly hours: BusinessHours;
  readonly now: Instant;
}

type Living = Marker & { readonly kind: Incident['kind'] };

/**
 * Ties issues to incidents. Ours is an issue whose number is written down, whatever its text or author; one with our
 * marker by a login of ours; and one that bears the key of an incident which asked for an issue and never heard its
 * number: nobody else can know that key, and of copies made later the lowest number is the one. A stranger's copy of a
 * marker is nothing.
 */
export function ownIssues({ alerts, issues, authors, hours, now }: OwnershipFacts): Alerts {
  const ours = new Set(authors);
  let known = alerts;
  const numbers = new Set(Object.values(alerts.incidents).flatMap(({ number }) => number ?? []));
  for (const issue of [...issues].sort((a, b) => a.number - b.number)) {
    if (numbers.has(issue.number)) continue;
    const marker = markedBody(issue.body)?.marker ?? null;
    if (marker === null || marker.kind === 'merged') continue;
    const asked = known.incidents[marker.key];
    if (asked?.creating === true && asked.number === null) known = withIncident(known, made(asked, issue, now));
    else if (ours.has(issue.author))
      known = withIncident(known, found({ ...marker, kind: marker.kind }, issue, known, { now, hours }));
    else continue;
    numbers.add(issue.number);
  }
  return known;
}

/** The issue that was asked for, and whose number did not arrive. */
function made(incident: Incident, issue: TrackedIssue, now: Instant): Incident {
  return {
    ...incident,
    number: issue.number,
    state: 'open',
    creating: false,
    opened_at: incident.opened_at ?? now,
    updated_at: issue.updated_at,
  };
}

/** Nothing is remembered of it but what it says itself: a lost checkpoint, or a second issue of one incident. */
function found(
  marker: Living,
  issue: TrackedIssue,
  alerts: Alerts,
  { now, hours }: Pick<OwnershipFacts, 'now' | 'hours'>,
): Incident {
  const { kind, rule, severity, cause, domains, fingerprints } = marker;
  const key = marker.key in alerts.incidents ? `${marker.key}~${issue.number}` : marker.key;
  const detected = parseInstant(marker.detected_at) ?? now;
  const notPlanned = issue.state_reason === 'not_planned' || issue.state_reason === 'duplicate';
  const ended = parseInstant(issue.closed_at ?? '') ?? now;
  return {
    key,
    kind,
    number: issue.number,
    state: issue.state,
    creating: false,
    members: fingerprints,
    cause,
    rule,
    summary: issue.title,
    domains,
    severity,
    peak: severity,
    recovering: false,
    detected_at: detected,
    opened_at: detected,
    closed:
      issue.state === 'open'
        ? null
        : {
            at: ended < now ? ended : now,
            by: notPlanned ? 'person' : 'postern',
            reason: notPlanned ? 'not_planned' : 'completed',
            severity,
            recovered_at: notPlanned ? null : ended < now ? ended : now,
          },
    acknowledged: null,
    heard_after: null,
    snoozed: null,
    targets: serviceTargets(severity, detected, hours),
    addressed: handlesIn(issue.body),
    mentioned: handlesIn(issue.body),
    // What it has now and what a person took away cannot be told apart: nothing is set again.
    labels: [...new Set(['postern', rule, severity, ...issue.labels])],
    assigned: [...new Set([...issue.assignees, ...assignable(handlesIn(issue.body))])],
    kept_open: false,
    timeline: [{ at: detected, event: 'detected', detail: null }],
    updated_at: issue.updated_at,
  };
}

/** The line `For @alice @acme/team` of our block. */
function handlesIn(body: string): readonly string[] {
  const line = markedBody(body)?.block.match(/^For ((?:@[\w./-]+ ?)+)$/m);
  return line?.[1]?.trim().split(' ') ?? [];
}
