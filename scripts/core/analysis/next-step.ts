import { addDays, type Day, dayOf, type Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { entryFor } from '../findings/playbook.ts';
import { plainText } from '../plain-text.ts';
import type { DomainReview } from '../review.ts';
import { names, placeOf } from './finding-text.ts';

export interface NextStepFacts {
  readonly config: DomainConfig;
  readonly state: DomainReview['state'];
  /** Of this domain, most urgent first. */
  readonly findings: readonly Finding[];
  readonly cleanDays: number;
  readonly lastReportDay: Day | null;
  /** When no cache can hold what was published before `mode: none`; null: not known. */
  readonly uncachedAt: Instant | null;
  readonly today: Day;
}

/** What happens next for one domain, in one sentence: the most urgent finding, else the next stage. */
export function nextStep(facts: NextStepFacts): string {
  const urgent = facts.findings.find(({ state }) => state === 'open');
  if (urgent !== undefined) return findingStep(urgent);
  const recovering = facts.findings.find(({ state }) => state === 'recovering');
  if (recovering !== undefined)
    return `Wait for a second clean day: ${recovering.rule}${placeOf(recovering.subject)} was last seen on ${recovering.last_seen}.`;
  if (facts.state === 'retiring') return retirementStep(facts);
  if (facts.lastReportDay === null && facts.state !== 'absent' && facts.state !== 'reporting')
    return 'Wait for the first report: until one arrives, what senders see is not known.';
  switch (facts.state) {
    case 'absent':
    case 'reporting':
    case 'removed':
      return `Publish the policy: \`npx postern publish ${facts.config.domain}\`; \`npx postern plan ${facts.config.domain}\` shows what it does.`;
    case 'none':
      return 'Nothing: the published mode is none, so nothing is enforced.';
    case 'enforce':
      return `Nothing to do: reports up to ${facts.lastReportDay} show no failure above the threshold.`;
    case 'testing':
      return rolloutStep(facts);
  }
}

function retirementStep({ uncachedAt, today }: NextStepFacts): string {
  if (uncachedAt === null) return 'Keep serving mode none until every cached policy has expired.';
  const day = dayOf(uncachedAt);
  return day < today
    ? `Every cached policy has expired by ${day}: the records may go, the policy host after them.`
    : `Keep serving mode none until ${day}, when every cached policy has expired.`;
}

function findingStep({ rule, subject, since, actor }: Finding): string {
  if (rule === 'reports-silent')
    return `Find out why ${subject.reporter === null ? 'reports' : `reports from ${names([subject.reporter])}`} stopped: none for ${since} or later.`;
  const what = `${entryFor(rule).title}${placeOf(subject)}`;
  switch (actor) {
    case 'you':
      return `Mend this: ${what}, since ${since}.`;
    case 'provider':
      return `Have the provider mend this: ${what}, since ${since}.`;
    case 'sender':
      return `Write to the sender: ${what}, since ${since}; others are clean.`;
    case 'unknown':
      return `Look into this: ${what}${subject.reporter === null ? '' : `, seen by ${names([subject.reporter])}`}, since ${since}.`;
  }
}

/** A clean day counts two days later, so `needed - cleanDays` more of them are complete on that many days from today. */
function rolloutStep({ config, cleanDays, today }: NextStepFacts): string {
  const { hold, reason, clean_days: needed } = config.rollout;
  if (hold) return `Stays in testing: on hold${reason === null ? '' : ` (${plainText(reason, 200)})`}.`;
  if (cleanDays >= needed)
    return `${cleanDays} clean days in a row (${needed} needed): probe every MX host, then enforce.`;
  return `Enforce possible from ${addDays(today, needed - cleanDays)} at the earliest: ${cleanDays} of ${needed} clean days so far.`;
}
