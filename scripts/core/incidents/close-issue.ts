import type { Instant } from '../clock.ts';
import type { ChangeIssue } from './action.ts';
import { comment, timelineText } from './comment-text.ts';
import { type Incident, noted } from './incident.ts';
import { markedBlock } from './issue-marker.ts';
import { markerOf } from './issue-text.ts';
import type { TrackedIssue } from './tracked-issue.ts';

/** The issue of a finding that is gone, or that an issue with a lower number speaks of. */
export function closeIssue(
  incident: Incident,
  issue: TrackedIssue,
  why: {
    readonly event: 'recovered' | 'closed' | 'merged';
    readonly words: string;
    readonly reason: 'completed' | 'not_planned';
  },
  now: Instant,
): ChangeIssue {
  const recovered_at = why.event === 'recovered' ? now : null;
  const closing = {
    at: now,
    by: 'postern' as const,
    reason: why.reason,
    severity: incident.severity,
    recovered_at: now,
  };
  const ended = noted({ ...incident, state: 'closed', closed: closing }, now, why.event, null);
  const said = comment(incident, why.event, [why.words, recovered_at === null ? '' : timelineText(ended)]);
  return {
    kind: 'change',
    what: 'closed',
    number: issue.number,
    incident: ended,
    block: null,
    add_labels: [],
    remove_labels: [],
    add_assignees: [],
    state: issue.state === 'open' ? { to: 'closed', reason: why.reason } : null,
    comment: said,
  };
}

/** A second issue of the same: what it says now is only where to look. */
export function mergeIssue(incident: Incident, issue: TrackedIssue, into: number, now: Instant): ChangeIssue {
  const words = `**Merged** into #${into}, which speaks of the same.`;
  const closing = closeIssue(incident, issue, { event: 'merged', words, reason: 'not_planned' }, now);
  return { ...closing, block: markedBlock({ ...markerOf(incident), kind: 'merged' }, words) };
}
