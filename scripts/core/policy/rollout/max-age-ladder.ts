import { newestCompleteDay } from '../../analysis/complete-days.ts';
import { cleanDays } from '../../analysis/rollout/rollout-days.ts';
import { knownSenderIssues } from '../../analysis/sender-issues.ts';
import { addDays, dayOf, daysFrom, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Evidence } from '../../finding.ts';
import type { DomainFacts } from '../plan/domain-plan.ts';
import type { Ledger } from '../versions/ledger.ts';
import { coverageCondition, syncCondition } from './promotion.ts';
import type { Condition } from './promotion-condition.ts';
import { certificateCondition, daneCondition, mxCondition, policyHostCondition } from './promotion-probes.ts';
import type { Proposal } from './proposal.ts';

/** Seconds: RFC 8461 §3.2 expects weeks, and two are what others ask for at least (rollout rules §3). */
const LONGER_MAX_AGE = 1_209_600;
/** Clean days in enforce before senders are asked to keep the policy for longer. */
const CLEAN_DAYS = 30;

/**
 * After 30 clean days in enforce a policy may be kept for two weeks: whoever blocks its host for that long gains nothing.
 * Null as long as anything is not so, or not known, or `max_age` is as long already.
 */
export function longerMaxAge(group: readonly DomainFacts[], config: DomainConfig, now: Instant): Proposal | null {
  if (config.max_age >= LONGER_MAX_AGE || config.rollout.hold) return null;
  const judged = group.map((facts) => ({ facts, conditions: conditionsOf(facts, now) }));
  if (!judged.every(({ conditions }) => conditions?.every(({ state }) => state === 'met') === true)) return null;
  return {
    kind: 'max-age',
    domain: config.domain,
    file: config.file,
    edits: [{ kind: 'set', key: 'max_age', value: LONGER_MAX_AGE }],
    title: `${config.domain}: max_age of two weeks`,
    summary: `Senders will keep the policy of ${config.domain} for two weeks instead of ${Math.round(config.max_age / 86_400)} days, so that an attacker would have to block its host for longer. Every later mistake in the policy lasts as long, too: a rollback still reaches senders at their next delivery, by the id.`,
    evidence: judged.flatMap(({ facts, conditions }) =>
      (conditions ?? []).map(
        ({ name, text }): Evidence => ({
          kind: name === 'clean-days' ? 'report' : 'observation',
          at: now,
          text: group.length > 1 ? `${facts.domain}: ${text}` : text,
          ref: null,
        }),
      ),
    ),
    checks: ['Nobody plans to leave MTA-STS or to change the mail provider in the next weeks.'],
  };
}

/** Null: the policy is not in enforce, or another max_age is under way. */
function conditionsOf(facts: DomainFacts, now: Instant): readonly Condition[] | null {
  const { config, ledger, observations, live } = facts;
  const since = inEnforceSince(ledger);
  if (config === null || since === null || ledger.in_force?.max_age !== config.max_age) return null;
  return [
    cleanCondition(facts, config, since, now),
    mxCondition(observations, now),
    policyHostCondition(observations, now),
    certificateCondition(observations, now),
    coverageCondition({ config, live }),
    syncCondition({ ledger, live }),
    ...daneCondition(observations, now),
  ];
}

/** Since when a policy in enforce is announced without a break, whatever else changed in it. */
function inEnforceSince({ versions, in_force }: Ledger): Instant | null {
  if (in_force?.mode !== 'enforce') return null;
  let since = in_force.announced_at;
  const announced = versions.filter(({ announced_at }) => announced_at !== null);
  for (const version of announced.slice(0, announced.indexOf(in_force)).toReversed()) {
    if (version.mode !== 'enforce' || version.withdrawn_at !== null) break;
    since = version.announced_at;
  }
  return since;
}

function cleanCondition({ reports }: DomainFacts, config: DomainConfig, since: Instant, now: Instant): Condition {
  const of = (state: Condition['state'], text: string): Condition => ({
    name: 'clean-days',
    state,
    text,
    code: 'promotion-guard',
  });
  if (reports === null) return of('unknown', 'Reports could not be read: clean days are not known.');
  const newestComplete = newestCompleteDay(now);
  const from = addDays(dayOf(since), 1);
  const days = from <= newestComplete ? daysFrom(from, newestComplete) : [];
  const isKnown = knownSenderIssues(config, dayOf(now));
  const { count } = cleanDays({ config, reports, days, newestComplete, isKnown });
  return of(count >= CLEAN_DAYS ? 'met' : 'unmet', `${count} of ${CLEAN_DAYS} clean days in enforce.`);
}
