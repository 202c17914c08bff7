import { AGREEMENT_PARTS, AGREEMENT_SIGNS, type Agreement } from '../agreement.ts';
import { type Finding, isUrgent } from '../finding.ts';
import { plainText } from '../plain-text.ts';
import type { Problem } from '../problem.ts';
import type { DomainReview, Review, RolloutReview } from '../review.ts';
import { shareText } from '../share-text.ts';
import { wrapText } from '../wrap-text.ts';
import { ACTOR_WORDS, number } from './finding-text.ts';

const WIDTH = 100;
/** Findings told in full; the rest is one line each, so that a bad day still fits a screen or two. */
const IN_FULL = 10;
/** Domains listed without anything open. */
const CALM = 20;

/** What the review could not take into account. */
export interface Gaps {
  /** Errors of the configuration. */
  readonly problems?: readonly Problem[];
  /** Stored files that could not be read. */
  readonly unreadable?: readonly { readonly file: string }[];
  /** Damaged files of what was counted before. */
  readonly recounted?: readonly string[];
}

/** A review for a terminal: most urgent first, at most 100 columns, nothing from outside printed as it came. */
export function reviewText(review: Review & Gaps): string {
  const findings = review.findings.filter(({ state }) => state !== 'filtered');
  const filtered = review.findings.length - findings.length;
  const rest = findings.slice(IN_FULL);
  return [
    ...wrapText(fleetSentence(review), WIDTH),
    ...leftOut(review),
    ...findings.slice(0, IN_FULL).flatMap((finding) => ['', ...findingLines(finding)]),
    ...(rest.length === 0
      ? []
      : [
          '',
          ...rest.slice(0, 50).map(findingLine),
          ...(rest.length > 50 ? [`and ${number(rest.length - 50)} more findings (--json lists all)`] : []),
        ]),
    ...(filtered === 0
      ? []
      : ['', `${count(filtered, 'known sender issue')} filtered by the configuration, still counted.`]),
    '',
    ...domainLines(review),
    '',
    ...freshnessLines(review),
  ].join('\n');
}

/** The state of everything in one sentence, with its time. */
function fleetSentence({ at, domains, findings, freshness }: Review): string {
  const urgent = new Set(findings.filter(isUrgent).flatMap((finding) => finding.domains)).size;
  const open = new Set(findings.filter(({ state }) => state === 'open').flatMap((finding) => finding.domains)).size;
  const parts = [
    urgent === 0 ? 'nothing urgent is open' : `${number(urgent)} ${urgent === 1 ? 'needs' : 'need'} someone now`,
    ...(open > urgent ? [`${number(open - urgent)} with something minor open`] : []),
    freshness.reports.last_day === null
      ? 'no verified report has arrived yet'
      : `reports up to ${freshness.reports.last_day}`,
  ];
  return `${count(domains.length, 'domain')} at ${at}: ${parts.join('; ')}.`;
}

function leftOut({ problems = [], unreadable = [], recounted = [] }: Gaps): readonly string[] {
  const lost = unreadable.length;
  return [
    ...(problems.length === 0
      ? []
      : [
          `The configuration has ${count(problems.length, 'error')}, so domains may be missing here: run npx postern check.`,
        ]),
    ...(lost === 0
      ? []
      : [
          `${count(lost, 'stored file')} could not be read, so reports are missing from every figure: ${unreadable[0]?.file}.`,
        ]),
    ...(recounted.length === 0
      ? []
      : [
          `What was counted before is damaged and was counted anew from the rows: ${recounted[0]}${recounted.length > 1 ? ` and ${number(recounted.length - 1)} more` : ''}. The next ingest replaces it.`,
        ]),
  ].flatMap((text) => wrapText(plainText(text, 400), WIDTH));
}

function findingLine({ severity, rule, domain, domains, subject, since, state }: Finding): string {
  const place = subject.kind === 'domain' ? '' : ` · ${plainText(subject.name, 60)}`;
  // A finding about our own work touches no domain.
  const shown = domain ?? (domains.length === 0 ? 'Postern itself' : count(domains.length, 'domain'));
  return plainText(`${severity} ${rule} · ${shown}${place} · ${state} since ${since}`, WIDTH);
}

function findingLines(finding: Finding): readonly string[] {
  const { summary, evidence, action, actor } = finding;
  return [
    findingLine(finding),
    ...field('what', summary),
    ...evidence.slice(0, 4).flatMap(({ text }, index) => field(index === 0 ? 'why' : '', text)),
    ...(evidence.length > 4 ? field('', `and ${evidence.length - 4} more`) : []),
    ...field('who', ACTOR_WORDS[actor]),
    ...field('do', action),
  ];
}

function field(name: string, text: string): readonly string[] {
  return wrapText(plainText(text, 1500), WIDTH, `  ${name.padEnd(6)}`, ' '.repeat(8));
}

function domainLines({ domains, findings, rollouts }: Review): readonly string[] {
  const touched = new Set(findings.filter(({ state }) => state === 'open').flatMap((finding) => finding.domains));
  const first = domains.filter(({ domain }) => touched.has(domain));
  const calm = domains.filter(({ domain }) => !touched.has(domain));
  const rolloutOf = new Map(rollouts.map((rollout) => [rollout.domain, rollout]));
  const inDetail = domains.length === 1;
  const shown = [...first.slice(0, CALM), ...calm.slice(0, CALM)];
  const hidden = domains.length - shown.length;
  return [
    'MX · Policy · DNS · Reports   (■ agrees  ◧ disagrees  □ not known)',
    ...shown.flatMap((domain) => domainBlock(domain, rolloutOf.get(domain.domain), inDetail)),
    ...(hidden === 0 ? [] : [`and ${count(hidden, 'more domain')} (name domains to see them, or use --json)`]),
  ];
}

function domainBlock(domain: DomainReview, rollout: RolloutReview | undefined, inDetail: boolean): readonly string[] {
  const cells = AGREEMENT_PARTS.map((part) => AGREEMENT_SIGNS[domain.agreement[part].state]).join('');
  return [
    ...wrapText(`${cells}  ${domain.domain}  ${domain.state}  ${sessionsText(domain)}`, WIDTH, '', '      '),
    ...wrapText(plainText(domain.next, 400), WIDTH, '      next: ', '      '),
    ...(inDetail ? agreementLines(domain.agreement) : []),
    ...(inDetail
      ? (rollout?.blocked_by ?? []).flatMap((reason) =>
          wrapText(plainText(reason, 400), WIDTH, '      before the next stage: ', '        '),
        )
      : []),
  ];
}

function agreementLines(agreement: Agreement): readonly string[] {
  const words = { agrees: 'agrees', disagrees: 'disagrees', unknown: 'not known' } as const;
  return AGREEMENT_PARTS.flatMap((part) => {
    const { state, why } = agreement[part];
    return wrapText(plainText(`${part} ${words[state]}: ${why}`, 400), WIDTH, '      ', '        ');
  });
}

function sessionsText({ sessions, last_report_day }: DomainReview): string {
  if (sessions === null)
    return last_report_day === null ? 'no report yet' : `no sessions in 30 days, last report ${last_report_day}`;
  const { successful, failed, policy_type } = sessions;
  const all = successful + failed;
  const share = all === 0 ? 'share not known' : `${shareText(successful, all)} succeeded`;
  return `${number(all)} ${policy_type} sessions in 30 days, ${share}`;
}

function freshnessLines({ freshness, apart }: Review): readonly string[] {
  const { last_received_at, last_day } = freshness.reports;
  const silent = freshness.domains.filter((domain) => domain.last_day === null).length;
  const unauthenticated = apart
    .filter(({ reason, domain }) => reason === 'unauthenticated' && domain !== null)
    .reduce((sum, one) => sum + one.reports, 0);
  return [
    last_day === null ? 'reports: none yet' : `reports: up to ${last_day}, last received ${last_received_at}`,
    ...(silent === 0 || last_day === null ? [] : [`no report ever: ${count(silent, 'domain')}`]),
    ...(unauthenticated === 0 ? [] : [`not counted: ${count(unauthenticated, 'report')} without a valid signature`]),
    freshness.observations === null
      ? 'observations: none yet, MX hosts, policy hosts and DNS are not known'
      : `observations: up to ${freshness.observations}`,
  ];
}

function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}
