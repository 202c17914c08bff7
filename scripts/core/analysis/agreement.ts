import type { Agreement, AgreementCell, AgreementState } from '../agreement.ts';
import { addDays, type Day, dayOf, daysBetween } from '../clock.ts';
import type { Finding } from '../finding.ts';
import type { Standing } from '../probe/standing.ts';
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
  /** What probes saw of this domain. */
  readonly standings: readonly Standing[];
  /** Does a report's policy-string show the policy that the configuration asks for? */
  readonly showsPolicy: (policyString: readonly string[]) => boolean;
}

/**
 * The four things that must agree, by what probes saw last and what reports tell. Without a probe MX and DNS can only be
 * seen to disagree; a policy agrees also when a verified reporter fetched it lately: evidence from outside.
 */
export function agreementOf(facts: AgreementFacts): Agreement {
  const open = facts.findings.filter(({ state }) => state === 'open');
  // A fault of one sender says nothing against our MX, policy or DNS.
  const ours = open.filter(({ actor }) => actor !== 'sender');
  return {
    mx:
      disagreement(ours, isMxFault) ??
      probedCell(facts, MX) ??
      cell('unknown', 'No probe has looked at the MX hosts yet.'),
    policy: disagreement(ours, isPolicyFault) ?? probedCell(facts, POLICY) ?? policyCell(facts),
    dns:
      disagreement(ours, isDnsFault) ??
      probedCell(facts, DNS) ??
      cell('unknown', 'No probe has looked at the DNS records yet.'),
    reports: reportsCell(facts, open),
  };
}

function isMxFault(rule: string): boolean {
  return (
    (rule.startsWith('mx-') && rule !== 'mx-changed') ||
    rule.startsWith('certificate-') ||
    rule === 'starttls-not-supported'
  );
}

function isPolicyFault(rule: string): boolean {
  return rule.startsWith('sts-') || rule.startsWith('policy-') || rule === 'out-of-sync';
}

function isDnsFault(rule: string): boolean {
  return /^(?:txt-|tlsrpt-|dnssec-|tlsa-|dns-lame|id-reused|dangling-cname|mx-changed|mx-not-covered)/.test(rule);
}

function disagreement(findings: readonly Finding[], isFault: (rule: string) => boolean): AgreementCell | null {
  const found = findings.find(({ rule }) => isFault(rule));
  return found === undefined
    ? null
    : cell(
        'disagrees',
        `${found.subject.result_type === null ? 'There is' : 'Senders report'} ${found.rule}${placeOf(found.subject)} since ${found.since}.`,
      );
}

interface Part {
  readonly kinds: readonly string[];
  readonly name: string;
}

const MX: Part = { kinds: ['mx'], name: 'MX addresses' };
const POLICY: Part = { kinds: ['policy'], name: 'addresses of the policy host' };
const DNS: Part = { kinds: ['mx-set', 'txt', 'tlsrpt'], name: 'DNS records' };
/** Days after which a look no longer tells how it is. */
const LOOK_DAYS = 2;

/** Null: nobody looked lately, so something else may tell. */
function probedCell({ standings, today }: AgreementFacts, { kinds, name }: Part): AgreementCell | null {
  const newest = standings.filter(
    ({ kind, at, last_look }) => kinds.includes(kind) && at === last_look && dayOf(at) >= addDays(today, -LOOK_DAYS),
  );
  if (newest.length === 0) return null;
  const blind = newest.find(
    ({ outcome, kind, subject, address }) =>
      outcome === 'unknown' &&
      !newest.some(
        (one) => one.outcome === 'ok' && one.kind === kind && one.subject === subject && one.address === address,
      ),
  );
  const last = newest.reduce((a, b) => (b.at > a.at ? b : a)).at;
  if (blind !== undefined) return cell('unknown', `Not every one of the ${name} could be seen: ${blind.code}.`);
  if (newest.every(({ outcome }) => outcome === 'bad')) return null;
  return cell('agrees', `All ${name} were sound at ${last}.`);
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
  const told = open.filter(({ evidence }) => !evidence.some(({ kind }) => kind === 'observation' || kind === 'ledger'));
  const [worst, ...rest] = told.filter(({ rule }) => rule !== 'reports-silent');
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
