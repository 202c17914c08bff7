import type { Action } from './action.ts';
import { byNumber } from './choose-issue.ts';
import { closeIssue, mergeIssue } from './close-issue.ts';
import type { Deciding } from './deciding.ts';
import { type FindingGroup, lead } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { codeSpan, markdownProse } from './issue-markdown.ts';
import { markedBlock, markedBody } from './issue-marker.ts';
import { markerOf } from './issue-text.ts';
import type { TrackedIssue } from './tracked-issue.ts';

const LISTED = 200;
const LONGEST = 50_000;
const FINGERPRINT = 'postern/overflow';
const RULE = 'overflow';

/** An incident without an issue, and what it is about. */
export interface Waiting {
  readonly incident: Incident;
  readonly group: FindingGroup;
}

export type IssueOf = (incident: Incident) => TrackedIssue | undefined;

export interface OverflowFacts {
  /** What is known of lists: one, or a second that was made by mistake. */
  readonly lists: readonly Incident[];
  readonly issueOf: IssueOf;
  readonly later: readonly Waiting[];
  readonly deciding: Deciding;
  /** For the first one ever. */
  readonly key: string;
}

/** The one issue that lists findings which wait for an issue of their own; closed when none waits. */
export function overflowActions(facts: OverflowFacts): readonly Action[] {
  const { issueOf, deciding } = facts;
  const sorted = [...facts.lists].sort(byNumber);
  const overflow = sorted.find(({ state }) => state === 'open') ?? sorted[0] ?? null;
  const copies = sorted.flatMap((copy) => {
    const issue = issueOf(copy);
    if (copy.key === overflow?.key || copy.state !== 'open' || issue === undefined || overflow?.number == null)
      return [];
    return [mergeIssue(copy, issue, overflow.number, deciding.now)];
  });
  const listing = listed(overflow, overflow === null ? undefined : issueOf(overflow), facts);
  return listing === null ? copies : [...copies, listing];
}

function listed(
  overflow: Incident | null,
  issue: TrackedIssue | undefined,
  { later, deciding, key }: OverflowFacts,
): Action | null {
  const { now, settings } = deciding;
  if (later.length === 0) {
    if (overflow === null || overflow.state !== 'open' || issue === undefined) return null;
    const words = '**Nothing waits any more**: every finding has an issue of its own.';
    return closeIssue(overflow, issue, { event: 'closed', words, reason: 'completed' }, now);
  }
  const labels = [...new Set(['postern', ...settings.labels])];
  const known = overflow !== null && (overflow.number !== null || overflow.creating) ? overflow : null;
  if (known === null || issue === undefined) {
    const incident = {
      ...noted(known ?? blank(key, labels, deciding), now, 'opened'),
      state: 'open' as const,
      opened_at: now,
    };
    const title = 'More findings than one run opens issues for';
    return { kind: 'open', incident, title, body: block(incident, later), labels, assignees: [] };
  }
  // A person who does not want the list keeps it closed; the findings still get their issues run by run.
  if (known.state === 'closed' && known.closed?.by === 'person' && known.closed.reason === 'not_planned')
    return { kind: 'record', incident: known };
  const text = block(known, later);
  const reopening = issue.state === 'closed';
  if (!reopening && markedBody(issue.body)?.block === text) return { kind: 'record', incident: known };
  const incident = reopening ? { ...noted(known, now, 'reopened'), state: 'open' as const, closed: null } : known;
  return {
    kind: 'change',
    what: reopening ? 'reopened' : 'updated',
    number: issue.number,
    incident,
    block: text,
    add_labels: [],
    remove_labels: [],
    add_assignees: [],
    state: reopening ? { to: 'open' } : null,
    comment: null,
  };
}

function block(incident: Incident, later: OverflowFacts['later']): string {
  const lines: string[] = [];
  let length = 0;
  for (const { group } of later.slice(0, LISTED)) {
    const { rule, summary, fingerprint } = lead(group);
    const domains = group.domains.slice(0, 5).map((domain) => codeSpan(domain, 300));
    const more = group.domains.length > 5 ? ` and ${group.domains.length - 5} more` : '';
    const line = `- ${domains.join(', ')}${more} ${codeSpan(rule)}, ${group.severity}: ${markdownProse(summary, 500)} ${codeSpan(fingerprint, 1000)}`;
    if (length + line.length > LONGEST) break;
    lines.push(line);
    length += line.length + 1;
  }
  const rest = later.length - lines.length;
  const text = [
    '### More findings than one run opens issues for',
    '',
    `Each of these ${later.length} findings gets an issue of its own in one of the next runs, the most urgent first. Many at once often have one cause: look for what they share.`,
    '',
    ...lines,
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join('\n');
  return markedBlock(markerOf(incident), text);
}

function blank(key: string, labels: readonly string[], { now }: Deciding): Incident {
  return {
    key,
    kind: 'overflow',
    number: null,
    state: 'waiting',
    creating: false,
    members: [FINGERPRINT],
    cause: null,
    rule: RULE,
    summary: 'More findings than one run opens issues for.',
    domains: [],
    severity: 'sev3',
    peak: 'sev3',
    recovering: false,
    detected_at: now,
    opened_at: null,
    closed: null,
    acknowledged: null,
    heard_after: null,
    snoozed: null,
    targets: { respond_by: null, notify_by: null, resolve_by: null },
    addressed: [],
    mentioned: [],
    labels,
    assigned: [],
    kept_open: false,
    timeline: [],
    updated_at: null,
  };
}
