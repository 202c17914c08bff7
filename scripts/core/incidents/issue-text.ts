import { type Agreement, agreementText } from '../agreement.ts';
import { changeIn } from '../analysis/changes.ts';
import { ACTOR_WORDS, placeOf } from '../analysis/finding-text.ts';
import type { Instant } from '../clock.ts';
import type { Evidence, Finding } from '../finding.ts';
import { entryFor } from '../findings/playbook.ts';
import { plainText } from '../plain-text.ts';
import { type FindingGroup, lead } from './grouping.ts';
import type { Incident } from './incident.ts';
import { codeBlock, codeSpan, inert, markdownProse, markdownText } from './issue-markdown.ts';
import { type Marker, markedBlock } from './issue-marker.ts';

/** GitHub refuses a title above 256 and a body above 65,536 characters. */
const LONGEST_TITLE = 200;
const LONGEST_TEXT = 50_000;
const LISTED_DOMAINS = 50;
const LISTED_FINDINGS = 20;
const LISTED_EVIDENCE = 30;
const LISTED_CHANGES = 3;

/** Written once: a person may change it. */
export function issueTitle(group: FindingGroup): string {
  const first = lead(group);
  const named = group.domains.slice(0, 2).join(', ');
  const more = group.domains.length > 2 ? ` and ${group.domains.length - 2} more domains` : '';
  const of = named === '' ? '' : `${named}${more}: `;
  return inert(`${of}${headline(group)} (${first.rule})`, LONGEST_TITLE);
}

function headline(group: FindingGroup): string {
  const { rule, subject } = lead(group);
  // Two of our tasks are two issues, and what has no signature was read.
  if (rule === 'automation-stale') return `${entryFor(rule).title}: ${subject.name}`;
  if (rule === 'reports-unparsed' && subject.name === 'dkim') return 'Reports without a valid signature';
  const alone = subject.kind === 'reporter' && group.findings.every((one) => one.subject.name === subject.name);
  const sender = alone ? `: ${subject.name}` : '';
  return `${entryFor(rule).title}${placeOf(subject)}${sender}`;
}

export interface IssueTextFacts {
  readonly group: FindingGroup;
  readonly incident: Incident;
  readonly agreementOf: (domain: string) => Agreement | null;
}

/** Our block of the body. It says nothing that changes by the mere passing of time, so equal facts are equal text. */
export function issueBlock({ group, incident, agreementOf }: IssueTextFacts): string {
  const first = lead(group);
  const entry = entryFor(first.rule);
  const sections = [
    `### ${markdownText(headline(group))}`,
    markLines(group.domains, agreementOf),
    factLines(group, incident),
    `**What.** ${markdownProse(first.summary)}`,
    otherFindings(group),
    `**Cause.** ${causeText(first, entry.causes)}`,
    `**What to do.** ${markdownProse(first.action)}`,
    `**What confirms the repair.** ${markdownProse(filled(entry.confirms_repair, first))} Then this issue closes itself.`,
    evidence(group),
    `${markdownText(`The long form: `)}${codeSpan(`npx postern explain ${first.rule}`)}. Quiet until a day: label ${codeSpan('snooze:YYYY-MM-DD')} or comment ${codeSpan('/snooze YYYY-MM-DD')}.`,
    ...(incident.addressed.length === 0 ? [] : [`For ${incident.addressed.join(' ')}`]),
  ].filter((section) => section !== '');
  return markedBlock(markerOf(incident), bounded(sections));
}

export function markerOf({ key, kind, rule, severity, detected_at, cause, domains, members }: Incident): Marker {
  return { key, kind, rule, severity, detected_at, cause, domains, fingerprints: members };
}

/** The mark as text, a line for each domain: `MX disagree · Policy agrees · DNS not known · Reports disagree`. */
function markLines(domains: readonly string[], agreementOf: IssueTextFacts['agreementOf']): string {
  const lines = domains.slice(0, 10).flatMap((domain) => {
    const agreement = agreementOf(domain);
    return agreement === null ? [] : [`${codeSpan(domain)} ${agreementText(agreement)}`];
  });
  return lines.join('  \n');
}

function factLines(group: FindingGroup, incident: Incident): string {
  const first = lead(group);
  const since = group.findings.map((finding) => finding.since).sort()[0] ?? first.since;
  const last =
    group.findings
      .map((finding) => finding.last_seen)
      .sort()
      .at(-1) ?? first.last_seen;
  return [
    `- **Domains:** ${named(group.domains)}`,
    `- **Rule:** ${codeSpan(first.rule)}, ${group.severity}`,
    `- **Since:** ${since}, last seen ${last}`,
    `- **Who can act:** ${first.actor === 'unknown' ? 'not known' : ACTOR_WORDS[first.actor]}`,
    `- **State:** ${stateWords(group, incident)}`,
    ...promises(incident),
    `- **Fingerprint:** ${codeSpan(first.fingerprint, 1000)}`,
  ].join('\n');
}

function stateWords({ recovering }: FindingGroup, { snoozed, acknowledged }: Incident): string {
  const state = recovering ? 'recovering: a sound look or clean day was seen, and a second one closes this' : 'open';
  const quiet = snoozed === null ? '' : `; quiet until ${snoozed.until}`;
  const answered =
    acknowledged === null ? '' : `; acknowledged ${shortTime(acknowledged.at)} by ${markdownText(acknowledged.by, 80)}`;
  return `${state}${quiet}${answered}`;
}

function promises({ targets: { respond_by, notify_by, resolve_by } }: Incident): readonly string[] {
  const parts = [
    ...(respond_by === null ? [] : [`respond by ${shortTime(respond_by)}`]),
    ...(notify_by === null ? [] : [`notify by ${shortTime(notify_by)}`]),
    ...(resolve_by === null ? [] : [`resolve by ${shortTime(resolve_by)}`]),
  ];
  return [`- **Times:** ${parts.length === 0 ? 'looked at in the monthly review' : parts.join(', ')}`];
}

/** `2026-11-21 06:00 UTC`. */
export function shortTime(at: Instant): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

function named(domains: readonly string[]): string {
  if (domains.length === 0) return 'none: this concerns our own tasks';
  const shown = domains.slice(0, LISTED_DOMAINS).map((domain) => codeSpan(domain, 300));
  const more = domains.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What changed, where the review found it; else what usually causes this. */
function causeText(first: Finding, usual: readonly string[]): string {
  const changed = first.evidence.filter(
    (one) => changeIn(one) !== null || one.kind === 'config' || one.kind === 'ledger',
  );
  if (changed.length === 0) return markdownProse(`Not established. Usual causes: ${filled(usual.join(' '), first)}`);
  return changed.slice(0, LISTED_CHANGES).map(changeText).join(' ');
}

/** With the time where there is one, and the pull request or commit as GitHub makes a link of it. */
function changeText(evidence: Evidence): string {
  const { kind, at, text, ref } = evidence;
  const change = changeIn(evidence);
  const told = change === null ? text : `Changed before, ${at.length > 10 ? shortTime(at as Instant) : at}: ${change}`;
  const link = kind === 'ledger' && ref !== null && /^(?:#\d{1,9}|[0-9a-f]{40})$/.test(ref) ? ` ${ref}` : '';
  return `${markdownProse(told)}${link}`;
}

function filled(text: string, { subject, domain, domains }: Finding): string {
  const names: Readonly<Record<string, string>> = {
    domain: domain ?? domains[0] ?? 'the domain',
    mx: subject.mx ?? 'the MX host',
    reporter: subject.reporter ?? 'the reporter',
    file: domain === null ? 'the domain’s file' : `domains/${domain}.yaml`,
  };
  return text.replace(/\{(domain|mx|reporter|file)\}/g, (_, name: string) => names[name] ?? name);
}

function otherFindings({ findings }: FindingGroup): string {
  const others = findings.slice(1);
  if (others.length === 0) return '';
  const lines = others
    .slice(0, LISTED_FINDINGS)
    .map(
      ({ summary, rule, severity, fingerprint }) =>
        `- ${codeSpan(rule)}, ${severity}: ${markdownProse(summary, 600)} ${codeSpan(fingerprint, 1000)}`,
    );
  const more = others.length - lines.length;
  return [`**Of the same cause** (${others.length}):`, '', ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join(
    '\n',
  );
}

function evidence({ findings }: FindingGroup): string {
  const all = findings.flatMap((finding) => finding.evidence);
  if (all.length === 0) return '';
  const lines = all.slice(0, LISTED_EVIDENCE).map(evidenceLine);
  const more = all.length - lines.length;
  return `**Evidence**\n\n${codeBlock([...lines, ...(more > 0 ? [`and ${more} more: see the reports site`] : [])])}`;
}

/** By day: an observation repeats every hour, and that it was made again is no new fact. */
function evidenceLine({ kind, at, text, ref }: Evidence): string {
  return `${at.slice(0, 10)} ${kind}: ${plainText(text, 400)}${ref === null ? '' : ` [${plainText(ref, 80)}]`}`;
}

/** Whole sections until the limit: a cut inside one could open what nothing closes. */
function bounded(sections: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const section of sections) {
    if (length + section.length > LONGEST_TEXT) {
      kept.push('More was found than an issue can hold: see the reports site.');
      break;
    }
    kept.push(section);
    length += section.length + 2;
  }
  return kept.join('\n\n');
}
