import { type MxPattern, matchesMx } from '../../../standards/mx-pattern.ts';
import { newestCompleteDay } from '../../analysis/complete-days.ts';
import type { DomainReports } from '../../analysis/reports-by-domain.ts';
import { cleanDays } from '../../analysis/rollout/rollout-days.ts';
import { knownSenderIssues } from '../../analysis/sender-issues.ts';
import { addDays, type Day, dayOf, daysFrom, epochMs, type Instant, instantOf } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import { plainText } from '../../plain-text.ts';
import type { LiveFacts } from '../live-facts.ts';
import type { Ledger, PolicyVersion } from '../versions/ledger.ts';
import type { Condition } from './promotion-condition.ts';
import {
  certificateCondition,
  daneCondition,
  type Looks,
  mxCondition,
  policyHostCondition,
} from './promotion-probes.ts';

/** Days in testing with the current body before enforce, and after which a rollout has stalled (rollout rules §3). */
export const LEAST_TESTING_DAYS = 14;
const STALLED_DAYS = 30;
const LEAST_REPORTERS = 2;
/** Large senders whose view is asked for where the volume is normal. */
const MAJOR_SENDERS: readonly (readonly [reporter: string, name: string])[] = [
  ['google.com', 'Google'],
  ['microsoft.com', 'Microsoft'],
];

export interface Promotion {
  readonly allowed: boolean;
  readonly conditions: readonly Condition[];
  readonly clean_days: number;
  readonly needed: number;
  /** When the time in testing is over, if nothing else stands in the way; null: testing has not begun. */
  readonly earliest: Instant | null;
  /** More than 30 days in testing: told to somebody, never forced. */
  readonly stalled: boolean;
}

export interface PromotionEvidence {
  readonly now: Instant;
  readonly config: DomainConfig;
  readonly ledger: Ledger;
  /** Null: the reports could not be read. */
  readonly reports: DomainReports | null;
  /** Of this domain, the last 14 days and more. Null: there is no store of observations. */
  readonly observations: readonly Looks[] | null;
  readonly live: LiveFacts | null;
}

/** The promotion guard testing → enforce (rollout rules §3): every condition with what is known about it. */
export function judgePromotion(evidence: PromotionEvidence): Promotion {
  const { now, config, ledger } = evidence;
  const since = inTestingSince(ledger);
  const clean = cleanness(evidence, since);
  const rows = evidence.observations;
  const conditions: Condition[] = [
    ...(config.rollout.hold ? [holdCondition(config)] : []),
    elapsedCondition(since, now),
    cleanCondition(evidence, clean),
    ...(config.volume === 'normal' || clean !== null ? [reportersCondition(evidence, clean)] : []),
    mxCondition(rows, now),
    policyHostCondition(rows, now),
    certificateCondition(rows, now),
    coverageCondition(evidence),
    syncCondition(evidence),
    ...daneCondition(rows, now),
  ];
  const earliest = since === null ? null : earliestPromotion(since);
  return {
    allowed: conditions.every(({ state }) => state === 'met'),
    conditions,
    clean_days: clean?.count ?? 0,
    needed: config.rollout.clean_days,
    earliest,
    stalled: since !== null && now >= daysAfter(since, STALLED_DAYS),
  };
}

/**
 * Since when exactly the body in force is announced in testing. The same bytes under another id go on counting, another
 * body begins anew (S11). Null: no testing policy is in force.
 */
export function inTestingSince({ versions, in_force }: Ledger): Instant | null {
  if (in_force?.mode !== 'testing') return null;
  let since = in_force.announced_at;
  const announced = versions.filter(({ announced_at }) => announced_at !== null);
  for (let index = announced.indexOf(in_force) - 1; index >= 0; index--) {
    const before: PolicyVersion | undefined = announced[index];
    if (before?.sha256 !== in_force.sha256 || before.withdrawn_at !== null) break;
    since = before.announced_at;
  }
  return since;
}

function holdCondition({ rollout: { reason } }: DomainConfig): Condition {
  const why = reason === null ? '' : `: ${plainText(reason, 200)}`;
  return { name: 'hold', state: 'unmet', text: `The rollout is on hold${why}.`, code: 'promotion-guard' };
}

function elapsedCondition(since: Instant | null, now: Instant): Condition {
  const of = (state: Condition['state'], text: string): Condition => ({
    name: 'elapsed',
    state,
    text,
    code: 'promotion-guard',
  });
  if (since === null)
    return of('unknown', 'Since when this policy is in testing is not known: nothing was published yet.');
  const days = Math.floor((epochMs(now) - epochMs(since)) / 86_400_000);
  const text = `${days} of ${LEAST_TESTING_DAYS} days in testing with this body, since ${since}.`;
  return of(now >= daysAfter(since, LEAST_TESTING_DAYS) ? 'met' : 'unmet', text);
}

interface Clean {
  readonly count: number;
  readonly first: Day | null;
  readonly newest: Day;
}

/** Clean days of this body only: reports of days before it was announced are about another one. */
function cleanness({ now, config, reports }: PromotionEvidence, since: Instant | null): Clean | null {
  if (reports === null) return null;
  const newest = newestCompleteDay(now);
  // The day it was announced is still shared with the body before.
  const from = since === null ? addDays(newest, 1) : addDays(dayOf(since), 1);
  const isKnown = knownSenderIssues(config, dayOf(now));
  const days = from <= newest ? daysFrom(from, newest) : [];
  return { ...cleanDays({ config, reports, days, newestComplete: newest, isKnown }), newest };
}

function cleanCondition({ config, reports }: PromotionEvidence, clean: Clean | null): Condition {
  const needed = config.rollout.clean_days;
  const name = 'clean-days';
  const code = 'promotion-guard';
  if (clean === null || reports === null)
    return { name, state: 'unknown', text: 'Reports could not be read: clean days are not known.', code };
  if (reports.reporters.length === 0)
    return { name, state: 'unknown', text: 'No verified report has arrived: clean days are not known.', code };
  const text = `${clean.count} of ${needed} clean days in a row up to ${clean.newest}.`;
  return { name, state: clean.count >= needed ? 'met' : 'unmet', text, code };
}

function reportersCondition({ config, reports }: PromotionEvidence, clean: Clean | null): Condition {
  const seen = new Set<string>();
  for (const { reporter, days, totals } of reports?.reporters ?? []) {
    const recent = clean !== null && clean.first !== null && days.some((day) => day >= (clean.first ?? day));
    if (recent && totals.some(({ policy_type }) => policy_type === 'sts')) seen.add(reporter);
  }
  const name = 'reporters';
  const code = 'promotion-guard';
  if (reports === null) return { name, state: 'unknown', text: 'Who reports is not known.', code };
  const least = config.volume === 'low' ? 1 : LEAST_REPORTERS;
  const missing = config.volume === 'low' ? [] : MAJOR_SENDERS.filter(([reporter]) => !seen.has(reporter));
  const lacks =
    missing.length === 0
      ? ''
      : `, none by ${missing.map(([, who]) => who).join(' and none by ')}: set \`volume: low\` if no mail comes from there`;
  const text = `Clean days reported under the policy by ${seen.size} reporters, of which at least ${least} are needed${lacks}.`;
  return { name, state: seen.size >= least && missing.length === 0 ? 'met' : 'unmet', text, code };
}

/** RFC 8461 §4.1: every MX in DNS must match, backups too. */
export function coverageCondition({ config, live }: Pick<PromotionEvidence, 'config' | 'live'>): Condition {
  const name = 'coverage';
  const code = 'mx-not-covered';
  if (live === null || !live.mx.known)
    return { name, state: 'unknown', text: 'The MX in DNS is not known.', code: 'promotion-guard' };
  if (live.mx.value.hosts.length === 0)
    return { name, state: 'unmet', text: 'DNS names no MX host: the domain receives no mail.', code };
  const bare = uncoveredHosts(config.mx, live);
  return bare.length === 0
    ? { name, state: 'met', text: `Every MX in DNS is covered (${live.mx.value.hosts.length}).`, code }
    : {
        name,
        state: 'unmet',
        text: `Not covered by the policy: ${bare.map((host) => plainText(host, 255)).join(', ')}.`,
        code,
      };
}

/** MX hosts in DNS that match no pattern; empty also when the MX is not known. */
export function uncoveredHosts(patterns: readonly MxPattern[], live: LiveFacts): readonly string[] {
  if (!live.mx.known) return [];
  return live.mx.value.hosts
    .map(({ host }) => host)
    .filter((host) => !patterns.some((pattern) => matchesMx(pattern, host)));
}

/** Is what is served what was published last? A difference cannot be lifted: mend it first. */
export function syncCondition({ ledger, live }: Pick<PromotionEvidence, 'ledger' | 'live'>): Condition {
  const name = 'sync';
  const published = ledger.in_force;
  if (live === null || !live.served.known || published === null)
    return { name, state: 'unknown', text: 'What the policy host serves is not known.', code: 'promotion-guard' };
  return live.served.value.body === published.body
    ? { name, state: 'met', text: 'The policy host serves the published bytes on every address.', code: 'out-of-sync' }
    : {
        name,
        state: 'unmet',
        text: 'The policy host does not serve the bytes that were published last.',
        code: 'out-of-sync',
      };
}

/** When the time in testing is over. */
export function earliestPromotion(since: Instant): Instant {
  return daysAfter(since, LEAST_TESTING_DAYS);
}

function daysAfter(since: Instant, days: number): Instant {
  return instantOf(epochMs(since) + days * 86_400_000);
}
