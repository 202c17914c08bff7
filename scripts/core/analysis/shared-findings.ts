import { addDays } from '../clock.ts';
import { type Finding, namesOf } from '../finding.ts';
import { byUrgency } from './finding-order.ts';
import { fingerprint } from './fingerprint.ts';
import { compare } from './reports-by-domain.ts';
import { level } from './severity.ts';

/** Named in a summary. */
const NAMED = 3;
const LISTED = 20;
/** Fingerprints that are kept of the findings that became one: every issue names them. */
const JOINED = 100;
/** Findings of one cause begin within so many days of one another. */
const TOGETHER_DAYS = 4;

/**
 * One cause that touches several domains is one finding with `domain: null`: an MX host that they share, a reporter that
 * fails everywhere or has fallen silent. Everything else stays as it is (mailbox-silence.ts speaks of our own mailbox).
 */
export function shareFindings(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>();
  const alone: Finding[] = [];
  for (const finding of findings) {
    const key = causeKey(finding);
    if (key === null) alone.push(finding);
    else {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [finding]);
      else group.push(finding);
    }
  }
  for (const group of groups.values())
    for (const cluster of clustersOf(group))
      alone.push(cluster.length === 1 ? (cluster[0] as Finding) : merged(cluster));
  return shareSenders(alone);
}

/** A sender's fault that its reports tell of the MX hosts of several domains is the sender's, and one. */
function shareSenders(findings: readonly Finding[]): readonly Finding[] {
  const found: Finding[] = [];
  const groups = Map.groupBy(findings, senderKey);
  for (const [key, group] of groups) {
    if (key === null) found.push(...group);
    else
      for (const cluster of clustersOf(group.map(aboutSender)))
        if (new Set(cluster.flatMap(({ domains }) => domains)).size > 1 && cluster.length > 1)
          found.push(merged(cluster));
        else found.push(...group.filter(({ fingerprint: one }) => cluster.some((other) => other.fingerprint === one)));
  }
  return found;
}

function senderKey({ rule, subject, state, actor }: Finding): string | null {
  if (actor !== 'sender' || subject.kind !== 'mx' || subject.reporter === null) return null;
  return `${state === 'filtered' ? 'filtered' : 'live'} ${rule} ${subject.reporter} ${subject.result_type ?? ''}`;
}

function aboutSender(finding: Finding): Finding {
  const { subject } = finding;
  const name = subject.reporter ?? subject.name;
  return { ...finding, subject: { ...subject, kind: 'reporter', name, mx: null } };
}

/**
 * A cause groups findings: where it has only one there is nothing to group. But a certificate is the same before and after it
 * ends, so that its issue goes on.
 */
export function groupedOnly(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const { incident } of findings) if (incident !== null) counts.set(incident, (counts.get(incident) ?? 0) + 1);
  return findings.map((finding) =>
    finding.incident !== null && !finding.incident.startsWith('certificate:') && counts.get(finding.incident) === 1
      ? { ...finding, incident: null }
      : finding,
  );
}

/** What makes findings of different domains one; null when nothing does. */
function causeKey({ rule, subject, state, actor }: Finding): string | null {
  const filtered = state === 'filtered' ? 'filtered' : 'live';
  switch (subject.kind) {
    case 'mx':
      return `${filtered} ${rule} mx ${subject.name} ${subject.result_type ?? ''}`;
    case 'reporter':
      return actor === 'sender' || rule === 'reports-silent'
        ? `${filtered} ${rule} reporter ${subject.name} ${subject.result_type ?? ''}`
        : null;
    default:
      return null;
  }
}

/** By host whenever it was; by reporter only what began together: two bugs of one sender are not one. */
function clustersOf(group: readonly Finding[]): readonly (readonly Finding[])[] {
  if (group.length === 1 || group[0]?.subject.kind === 'mx') return [group];
  const clusters: Finding[][] = [];
  for (const finding of [...group].sort((a, b) => compare(a.since, b.since))) {
    const last = clusters.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && finding.since <= addDays(before.since, TOGETHER_DAYS))
      last.push(finding);
    else clusters.push([finding]);
  }
  return clusters;
}

function merged(cluster: readonly Finding[]): Finding {
  const [lead, ...others] = [...cluster].sort((a, b) => byUrgency(a, b)) as [Finding, ...Finding[]];
  const domains = [...new Set(cluster.flatMap((one) => one.domains))].sort(compare);
  const also = others.flatMap(({ domain }) => (domain === null ? [] : [domain])).sort(compare);
  const more = also.length > NAMED ? ` and ${also.length - NAMED} more` : '';
  const open = cluster.filter(({ state }) => state === 'open');
  const { rule, subject, summary, action } = lead;
  return {
    ...lead,
    domain: null,
    domains,
    severity: cluster.reduce(
      (worst, { severity }) => (level(severity) > level(worst) ? severity : worst),
      lead.severity,
    ),
    state: open.length > 0 ? 'open' : lead.state,
    since: cluster.map(({ since }) => since).sort(compare)[0] ?? lead.since,
    last_seen:
      cluster
        .map(({ last_seen }) => last_seen)
        .sort(compare)
        .at(-1) ?? lead.last_seen,
    summary: `${summary} The same for ${also.slice(0, NAMED).join(', ')}${more}.`,
    evidence: cluster.flatMap(({ evidence }) => evidence).slice(0, LISTED),
    action: `${action} It touches ${domains.length} domains: ${domains.slice(0, NAMED + 1).join(', ')}${domains.length > NAMED + 1 ? ', …' : ''}.`,
    fingerprint: fingerprint(rule, '*', subject),
    joins: cluster.flatMap(namesOf).sort(compare).slice(0, JOINED),
  };
}
