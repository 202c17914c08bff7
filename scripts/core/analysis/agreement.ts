import type { Agreement, AgreementCell, AgreementState } from '../agreement.ts';
import { addDays, type Day, daysBetween } from '../clock.ts';
import type { Finding } from '../finding.ts';
import { names, placeOf } from './finding-text.ts';
import type { DomainReports } from './reports-by-domain.ts';

/** A policy-string older than this says little about what is served today. */
const POLICY_STRING_DAYS = 3;
/** Complete days without a report after which the last one is no longer fresh. */
const FRESH_DAYS = 2;

export interface AgreementFacts {
  readonly reports: DomainReports;
  /** Of this domain. */
  readonly findings: readonly Finding[];
  readonly lastReportDay: Day | null;
  readonly newestComplete: Day;
  readonly today: Day;
  /** Does a report's policy-string show the policy that the configuration asks for? */
  readonly showsPolicy: (policyString: readonly string[]) => boolean;
}

/**
 * The four things that must agree, as far as reports tell. Nothing has probed yet, so MX and DNS can only be seen to
 * disagree; a policy agrees when a verified reporter fetched it lately: evidence from outside.
 */
export function agreementOf(facts: AgreementFacts): Agreement {
  const open = facts.findings.filter(({ state }) => state === 'open');
  // A fault of one sender says nothing against our MX, policy or DNS.
  const ours = open.filter(({ actor }) => actor !== 'sender');
  return {
    mx: disagreement(ours, isMxFault) ?? cell('unknown', 'No probe has looked at the MX hosts yet.'),
    policy: disagreement(ours, (rule) => rule.startsWith('sts-')) ?? policyCell(facts),
    dns: disagreement(ours, isDnsFault) ?? cell('unknown', 'No probe has looked at the DNS records yet.'),
    reports: reportsCell(facts, open),
  };
}

function isMxFault(rule: string): boolean {
  return rule.startsWith('certificate-') || rule === 'starttls-not-supported';
}

function isDnsFault(rule: string): boolean {
  return rule === 'dnssec-invalid' || rule === 'tlsa-invalid';
}

function disagreement(findings: readonly Finding[], isFault: (rule: string) => boolean): AgreementCell | null {
  const found = findings.find(({ rule }) => isFault(rule));
  return found === undefined
    ? null
    : cell('disagrees', `Senders report ${found.rule}${placeOf(found.subject)} since ${found.since}.`);
}

function policyCell({ reports, today, showsPolicy }: AgreementFacts): AgreementCell {
  const oldest = addDays(today, -POLICY_STRING_DAYS);
  const fresh = reports.reporters.filter(
    ({ policy_string, policy_string_day }) =>
      policy_string !== null && policy_string_day !== null && policy_string_day >= oldest,
  );
  const shown = fresh.find(({ policy_string }) => policy_string !== null && showsPolicy(policy_string));
  if (shown !== undefined)
    return cell('agrees', `${names([shown.reporter])} saw this policy on ${shown.policy_string_day}.`);
  if (fresh.length === 0)
    return cell('unknown', 'No probe has looked at the policy host yet, and no recent report shows the policy.');
  return cell(
    'unknown',
    `No probe has looked at the policy host yet; ${names(fresh.map(({ reporter }) => reporter))} still saw another policy.`,
  );
}

function reportsCell(
  { lastReportDay, findings, newestComplete }: AgreementFacts,
  open: readonly Finding[],
): AgreementCell {
  if (lastReportDay === null) return cell('unknown', 'No verified report has arrived yet.');
  const [worst, ...rest] = open.filter(({ rule }) => rule !== 'reports-silent');
  if (worst !== undefined) {
    const more = rest.length === 0 ? '' : `, and ${rest.length} more`;
    return cell('disagrees', `${worst.rule}${placeOf(worst.subject)} since ${worst.since}${more}.`);
  }
  if (daysBetween(lastReportDay, newestComplete) > FRESH_DAYS)
    return cell('unknown', `No report since ${lastReportDay}.`);
  return cell('agrees', `Reports up to ${lastReportDay} show ${whatReportsShow(findings)} above the threshold.`);
}

/** Nothing open is not always nothing: it is said, so that agreement does not hide it. */
function whatReportsShow(findings: readonly Finding[]): string {
  if (findings.some(({ state }) => state === 'recovering')) return 'no new failure';
  return findings.some(({ state }) => state === 'filtered') ? 'only known sender issues' : 'no failure';
}

function cell(state: AgreementState, why: string): AgreementCell {
  return { state, why };
}
