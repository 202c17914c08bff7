import { policyStringShows } from '../../standards/mta-sts-policy.ts';
import { addDays, type Day, dayOf, daysFrom, type Instant } from '../clock.ts';
import { USUAL_THRESHOLDS } from '../config/normalise-settings.ts';
import type { DomainConfig, Thresholds } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { desiredPolicy } from '../policy/desired.ts';
import type { ReportsView } from '../reports/view.ts';
import type { DomainReview, Freshness, Review, RolloutReview } from '../review.ts';
import { agreementOf } from './agreement.ts';
import { newestCompleteDay } from './complete-days.ts';
import { failureFindings } from './failure-findings.ts';
import type { JudgeOfDomain } from './failure-judge.ts';
import { byUrgency } from './finding-order.ts';
import { domainFreshness, freshnessOf } from './freshness.ts';
import { nextStep } from './next-step.ts';
import { compare, type DomainReports, reportsByDomain } from './reports-by-domain.ts';
import { cleanDays } from './rollout-days.ts';
import { rolloutReview } from './rollout-review.ts';
import { knownSenderIssues } from './sender-issues.ts';
import { sessionShare } from './session-share.ts';
import { silenceFindings } from './silence.ts';
import { againstUsual } from './usual-failures.ts';
import { volumeFindings } from './volume.ts';

/** Days of DomainReview.sessions, today included. */
const SHARE_DAYS = 30;

export interface ReviewInput {
  readonly domains: readonly DomainConfig[];
  readonly reports: ReportsView;
  readonly now: Instant;
  readonly thresholds?: Thresholds;
  /** How failures are judged; the plain rule is there to be compared with. */
  readonly judge?: JudgeOfDomain;
}

/** The judgement of configuration and reports at one moment. Domains by name, findings most urgent first. */
export function reviewDomains(input: ReviewInput): Review {
  const { domains, reports, now } = input;
  const moment = momentOf(input);
  const reportsOf = reportsByDomain(reports);
  const reviewed = [...domains]
    .sort((a, b) => compare(a.domain, b.domain))
    .map((config) => reviewDomain(config, reportsOf(config.domain), moment));
  const managed = new Set<string>(domains.map(({ domain }) => domain));
  return {
    at: now,
    domains: reviewed.map(({ review }) => review),
    findings: reviewed.flatMap(({ findings }) => findings).sort(byUrgency),
    rollouts: reviewed.map(({ rollout }) => rollout),
    freshness: freshnessOf(reviewed.map(({ freshness }) => freshness)),
    apart: reports.apart.filter(({ domain }) => domain === null || managed.has(domain)),
  };
}

interface Moment {
  readonly now: Instant;
  readonly today: Day;
  readonly newestComplete: Day;
  readonly shareFrom: Day;
  /** The window, ascending. */
  readonly days: readonly Day[];
  readonly thresholds: Thresholds;
  readonly judge: JudgeOfDomain;
}

function momentOf({ reports, now, thresholds = USUAL_THRESHOLDS, judge = againstUsual }: ReviewInput): Moment {
  const today = dayOf(now);
  const days = daysFrom(reports.from, reports.to);
  return {
    now,
    today,
    newestComplete: newestCompleteDay(now),
    shareFrom: addDays(today, 1 - SHARE_DAYS),
    days,
    thresholds,
    judge,
  };
}

interface Reviewed {
  readonly review: DomainReview;
  readonly findings: readonly Finding[];
  readonly rollout: RolloutReview;
  readonly freshness: Freshness['domains'][number];
}

function reviewDomain(config: DomainConfig, reports: DomainReports, moment: Moment): Reviewed {
  const { now, today, newestComplete, days, thresholds } = moment;
  const { domain } = config;
  const isKnown = knownSenderIssues(config, today);
  const state = config.retire ? 'retiring' : config.mode;
  const judge = moment.judge({ reports, days, thresholds });
  const findings = [
    ...failureFindings({ config, reports, days, newestComplete, isKnown, judge, now }),
    ...silenceFindings({ config, reports, newestComplete, now, thresholds }),
    ...volumeFindings({ config, reports, newestComplete, now }),
  ].sort(byUrgency);
  const clean = cleanDays({ config, reports, days, newestComplete, isKnown });
  const freshness = domainFreshness(reports);
  const lastReportDay = freshness.last_day;
  const policy = desiredPolicy(config);
  const showsPolicy = (policyString: readonly string[]) => policyStringShows(policyString, policy);
  const review: DomainReview = {
    domain,
    state,
    agreement: agreementOf({ reports, findings, lastReportDay, newestComplete, today, showsPolicy }),
    sessions: sessionShare(reports, moment.shareFrom),
    last_report_day: lastReportDay,
    next: nextStep({ config, state, findings, cleanDays: clean.count, lastReportDay, today }),
  };
  const rollout = rolloutReview({ config, state, reports, clean, findings, newestComplete });
  return { review, findings, rollout, freshness: { domain, ...freshness } };
}
