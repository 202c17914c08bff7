import type { Day, Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Finding } from '../../finding.ts';
import { plainText } from '../../plain-text.ts';
import type { Promotion } from '../../policy/rollout/promotion.ts';
import { retirementNotBefore } from '../../policy/rollout/retirement.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import type { DomainReview, RolloutReview } from '../../review.ts';
import { placeOf } from '../finding-text.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import type { CleanDays } from './rollout-days.ts';

/** Large senders whose view is asked for before a domain of normal volume enforces. */
const MAJOR_SENDERS: readonly (readonly [reporter: string, name: string])[] = [
  ['google.com', 'Google'],
  ['microsoft.com', 'Microsoft'],
];
const LEAST_REPORTERS = 2;

export interface RolloutFacts {
  readonly config: DomainConfig;
  readonly state: DomainReview['state'];
  readonly reports: DomainReports;
  readonly clean: CleanDays;
  /** Of this domain. */
  readonly findings: readonly Finding[];
  readonly newestComplete: Day;
  /** The promotion guard; null while neither a probe has looked nor anything was published. */
  readonly promotion: Promotion | null;
  readonly ledger: Ledger;
  readonly now: Instant;
}

/** Where a domain stands on the way to enforce, and what stands in the way, in words. */
export function rolloutReview(facts: RolloutFacts): RolloutReview {
  const { config, state, clean, promotion, ledger } = facts;
  const needed = config.rollout.clean_days;
  // Once a version is announced, only days of its body count.
  const count = promotion !== null && ledger.in_force !== null ? promotion.clean_days : clean.count;
  return { domain: config.domain, state, clean_days: count, needed, blocked_by: blockedBy(facts) };
}

function blockedBy(facts: RolloutFacts): readonly string[] {
  switch (facts.state) {
    case 'testing':
      return facts.promotion === null ? [...inTheWay(facts), ...NOT_KNOWN] : guarded(facts, facts.promotion);
    case 'retiring':
      return retirement(facts);
    case 'absent':
    case 'reporting':
      return ['No policy is announced yet.'];
    case 'enforce':
    case 'removed':
    case 'none':
      return [];
  }
}

/** Asked for by the promotion guard, and nothing has looked yet. What nobody has seen is not fine. */
const NOT_KNOWN = [
  'MX hosts are not probed yet: not known.',
  'The policy host is not probed yet: not known.',
  'How long this policy has been published is not known: no publications are recorded yet.',
];

/** By the ledger these are conditions of the guard; without it the reports alone tell. */
const FROM_REPORTS = new Set(['hold', 'clean-days', 'reporters']);

function guarded(facts: RolloutFacts, { conditions }: Promotion): readonly string[] {
  const published = facts.ledger.in_force !== null;
  const unmet = conditions.filter(({ name, state }) => state !== 'met' && (published || !FROM_REPORTS.has(name)));
  const findings = published
    ? facts.findings.flatMap((finding) => (blocks(finding) ? [blockWords(finding)] : []))
    : inTheWay(facts);
  return [...findings, ...unmet.map(({ text }) => text)];
}

function retirement({ ledger, now }: RolloutFacts): readonly string[] {
  const notBefore = retirementNotBefore(ledger);
  if (notBefore === null)
    return ['When the last cached policy expires is not known: no publications are recorded yet.'];
  // No cached policy is left: nothing stands in the way of the removal.
  return now >= notBefore ? [] : [`Cached policies may be in use until ${notBefore}: the records stay until then.`];
}

function blockWords({ rule, subject, state, since }: Finding): string {
  return `${rule}${placeOf(subject)} is ${state} since ${since}.`;
}

function inTheWay({ config, reports, clean, findings, newestComplete }: RolloutFacts): readonly string[] {
  const { hold, reason, clean_days: needed } = config.rollout;
  const reasons: string[] = [];
  if (hold) reasons.push(`The rollout is on hold${reason === null ? '.' : `: ${plainText(reason, 200)}`}`);
  if (clean.count < needed) reasons.push(`${clean.count} of ${needed} clean days in a row up to ${newestComplete}.`);
  for (const finding of findings) if (blocks(finding)) reasons.push(blockWords(finding));
  if (config.volume === 'normal') reasons.push(...missingSenders(reports, clean));
  return reasons;
}

/** Filtered findings and opportunistic TLS never block. */
function blocks({ state, rule, subject, severity, evidence }: Finding): boolean {
  if (state === 'filtered') return false;
  if (evidence.some(({ kind }) => kind === 'observation')) return severity !== 'sev3';
  return (
    subject.policy_type === 'sts' ||
    subject.policy_type === 'tlsa' ||
    rule.startsWith('sts-') ||
    (rule === 'reports-silent' && subject.reporter === null)
  );
}

function missingSenders({ reporters }: DomainReports, { first }: CleanDays): readonly string[] {
  const seen = new Set(
    reporters
      .filter(
        ({ days, totals }) =>
          first !== null && totals.some(({ policy_type }) => policy_type === 'sts') && (days.at(-1) ?? '') >= first,
      )
      .map(({ reporter }) => reporter),
  );
  const missing = MAJOR_SENDERS.filter(([reporter]) => !seen.has(reporter)).map(([, name]) => name);
  return [
    ...(seen.size < LEAST_REPORTERS
      ? [`Reports under the policy from ${seen.size} of at least ${LEAST_REPORTERS} reporters on the clean days.`]
      : []),
    ...missing.map((name) => `No clean day reported by ${name} yet; set \`volume: low\` if it sends no mail here.`),
  ];
}
