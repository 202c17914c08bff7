import { namesOf } from '../finding.ts';
import type { Action } from './action.ts';
import { closeIssue } from './close-issue.ts';
import { endedWithoutIssue, type Incident, noted } from './incident.ts';
import type { ReconcileInput } from './reconcile.ts';
import type { TrackedIssue } from './tracked-issue.ts';

type Looked = Pick<ReconcileInput, 'findings' | 'complete' | 'reviewed' | 'configured' | 'now'>;

/** An incident whose findings are not in the review: recovered, set aside, or not looked at. */
export function withoutFinding(incident: Incident, issue: TrackedIssue | undefined, input: Looked): readonly Action[] {
  const { now, complete, findings } = input;
  if (incident.state === 'waiting') {
    if (!complete) return [];
    return [{ kind: 'record', incident: endedWithoutIssue(incident, now) }];
  }
  const filtered = findings.some(
    (one) => one.state === 'filtered' && namesOf(one).some((name) => incident.members.includes(name)),
  );
  const seen = wasLookedAt(incident, input);
  if (incident.state === 'closed') {
    const { closed } = incident;
    if (closed === null || closed.recovered_at !== null || !seen || filtered) return [{ kind: 'record', incident }];
    const ended = noted({ ...incident, closed: { ...closed, recovered_at: now } }, now, 'recovered', null);
    return [{ kind: 'record', incident: ended }];
  }
  if (issue === undefined || !seen || incident.kept_open) return [{ kind: 'record', incident }];
  if (filtered) {
    const words =
      '**Set aside**: the configuration declares this a known sender issue. It stays in the data and in the month.';
    return [closeIssue(incident, issue, { event: 'closed', words, reason: 'completed' }, now)];
  }
  if (isUnmanaged(incident, input)) {
    const words = '**No longer managed here**: the domain has no file any more, so nothing is looked at.';
    return [closeIssue(incident, issue, { event: 'closed', words, reason: 'completed' }, now)];
  }
  return [
    closeIssue(
      incident,
      issue,
      { event: 'recovered', words: '**Recovered.** It is confirmed that this is gone.', reason: 'completed' },
      now,
    ),
  ];
}

/** Absence proves something only where somebody looked. */
function wasLookedAt({ domains }: Incident, { complete, reviewed, configured }: Looked): boolean {
  return complete && domains.every((domain) => reviewed.has(domain) || !configured.has(domain));
}

function isUnmanaged({ domains }: Incident, { reviewed }: Looked): boolean {
  return domains.length > 0 && !domains.some((domain) => reviewed.has(domain));
}
