import { policyStringShows } from '../../standards/mta-sts-policy.ts';
import { addDays, type Day, dayOf, daysFrom, type Instant } from '../clock.ts';
import { USUAL_THRESHOLDS } from '../config/normalise-settings.ts';
import type { AlertSettings, DomainConfig, Settings, Thresholds } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { fillPlaceholders } from '../findings/placeholders.ts';
import { entryFor } from '../findings/playbook.ts';
import { desiredPolicy } from '../policy/desired.ts';
import { judgePromotion, type Promotion } from '../policy/rollout/promotion.ts';
import { retirementNotBefore } from '../policy/rollout/retirement.ts';
import { type Ledger, NO_LEDGER } from '../policy/versions/ledger.ts';
import type { Standing } from '../probe/standing.ts';
import type { ReportsView } from '../reports/view.ts';
import type { DomainReview, Freshness, Review, RolloutReview } from '../review.ts';
import { agreementOf } from './agreement.ts';
import { newestCompleteDay } from './complete-days.ts';
import { failureFindings } from './failures/failure-findings.ts';
import type { JudgeOfDomain } from './failures/failure-judge.ts';
import { againstUsual } from './failures/usual-failures.ts';
import { byUrgency } from './finding-order.ts';
import { names, placeholders } from './finding-text.ts';
import { domainFreshness, freshnessOf } from './freshness.ts';
import { nextStep } from './next-step.ts';
import { coverageGaps } from './probes/coverage-gap.ts';
import { probeFindings } from './probes/probe-findings.ts';
import { liveOf, looksOf, observationSummary, stateOfDomain, versionSummaries } from './published.ts';
import { compare, type DomainReports, reportsByDomain } from './reports-by-domain.ts';
import { cleanDays } from './rollout/rollout-days.ts';
import { rolloutReview } from './rollout/rollout-review.ts';
import { stalledRollout } from './rollout/stalled-rollout.ts';
import { knownSenderIssues } from './sender-issues.ts';
import { sessionShare } from './session-share.ts';
import { groupedOnly, shareFindings } from './shared-findings.ts';
import { unprotectedSubdomains } from './unprotected-subdomains.ts';
import { silenceFindings } from './volume/silence.ts';
import { volumeFindings } from './volume/volume.ts';

/** Days of DomainReview.sessions, today included. */
const SHARE_DAYS = 30;

export interface ReviewInput {
  readonly domains: readonly DomainConfig[];
  /** Every name with a file, also those that are not reviewed here; default: the reviewed ones. */
  readonly managed?: ReadonlySet<string>;
  readonly reports: ReportsView;
  readonly now: Instant;
  readonly settings?: Pick<Settings, 'thresholds' | 'alerts'> | null;
  /** What probes saw, by domain. */
  readonly standings?: readonly Standing[];
  readonly ledgers?: ReadonlyMap<string, Ledger>;
  /** How failures are judged; the plain rule is there to be compared with. */
  readonly judge?: JudgeOfDomain;
}

/** The judgement of configuration, reports, observations and ledgers at one moment. Domains by name, findings most urgent first. */
export function reviewDomains(input: ReviewInput): Review {
  const { domains, reports, now } = input;
  const moment = momentOf(input);
  const reportsOf = reportsByDomain(reports);
  const standingsOf = Map.groupBy(input.standings ?? [], ({ domain }) => domain);
  const reviewed = [...domains]
    .sort((a, b) => compare(a.domain, b.domain))
    .map((config) =>
      reviewDomain(
        {
          config,
          reports: reportsOf(config.domain),
          standings: standingsOf.get(config.domain) ?? [],
          ledger: input.ledgers?.get(config.domain) ?? NO_LEDGER,
        },
        moment,
      ),
    );
  const managed = new Set<string>(domains.map(({ domain }) => domain));
  const unprotected = unprotectedSubdomains({
    domains,
    managed: input.managed ?? managed,
    subdomains: reports.subdomains,
    ledgerOf: (domain) => input.ledgers?.get(domain) ?? NO_LEDGER,
    now,
  });
  const found = [...shareFindings(reviewed.flatMap(({ findings }) => findings)), ...unprotected];
  return {
    at: now,
    domains: reviewed.map(({ review }) => review),
    findings: [...groupedOnly(found)].sort(byUrgency),
    rollouts: reviewed.map(({ rollout }) => rollout),
    freshness: freshnessOf(
      reviewed.map(({ freshness }) => freshness),
      reviewed.map(({ review }) => review.observations?.last_at ?? null),
    ),
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
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
  readonly judge: JudgeOfDomain;
}

function momentOf({ reports, now, settings, judge = againstUsual }: ReviewInput): Moment {
  const today = dayOf(now);
  const days = daysFrom(reports.from, reports.to);
  return {
    now,
    today,
    newestComplete: newestCompleteDay(now),
    shareFrom: addDays(today, 1 - SHARE_DAYS),
    days,
    thresholds: settings?.thresholds ?? USUAL_THRESHOLDS,
    certificate_thresholds: settings?.alerts.certificate_thresholds ?? 'relative',
    judge,
  };
}

/** Everything that is known of one domain. */
interface Known {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  readonly standings: readonly Standing[];
  readonly ledger: Ledger;
}

interface Reviewed {
  readonly review: DomainReview;
  readonly findings: readonly Finding[];
  readonly rollout: RolloutReview;
  readonly freshness: Freshness['domains'][number];
}

function reviewDomain({ config, reports, standings, ledger }: Known, moment: Moment): Reviewed {
  const { now, today, newestComplete, days, thresholds, certificate_thresholds } = moment;
  const { domain } = config;
  const isKnown = knownSenderIssues(config, today);
  const state = stateOfDomain(config, ledger, standings);
  const judge = moment.judge({ reports, days, thresholds });
  const probes =
    standings.length === 0 && ledger.reused.length === 0
      ? []
      : probeFindings({ config, ledger, standings, now, certificate_thresholds });
  const promotion = promotionOf({ config, reports, standings, ledger }, state, now);
  const isExplained = ({ subject }: Standing) =>
    probes.some((one) => one.rule === 'mx-unreachable' && one.subject.mx === subject);
  const findings = [
    ...probes,
    ...coverageGaps(config, standings, now, isExplained),
    ...failureFindings({
      config,
      reports,
      days,
      newestComplete,
      isKnown,
      judge,
      thresholds,
      standings,
      probes,
      ledger,
      now,
    }),
    ...silenceFindings({ config, reports, newestComplete, ledger, now, thresholds }),
    ...volumeFindings({ config, reports, newestComplete, ledger, now }),
    ...stalledRollout(config, ledger, promotion, now),
  ]
    .map((finding) => withRepair(finding, config))
    .sort(byUrgency);
  const clean = cleanDays({ config, reports, days, newestComplete, isKnown });
  const freshness = domainFreshness(reports);
  const lastReportDay = freshness.last_day;
  const policy = desiredPolicy(config);
  const showsPolicy = (policyString: readonly string[]) => policyStringShows(policyString, policy);
  const rollout = rolloutReview({ config, state, reports, clean, findings, newestComplete, promotion, ledger, now });
  const review: DomainReview = {
    domain,
    state,
    agreement: agreementOf({ reports, findings, lastReportDay, newestComplete, today, standings, showsPolicy }),
    sessions: sessionShare(reports, moment.shareFrom),
    last_report_day: lastReportDay,
    observations: observationSummary(standings),
    versions: versionSummaries(ledger),
    next: nextStep({
      config,
      state,
      findings,
      cleanDays: rollout.clean_days,
      lastReportDay,
      uncachedAt: retirementNotBefore(ledger),
      today,
    }),
  };
  return { review, findings, rollout, freshness: { domain, ...freshness } };
}

/** Asked while a domain is in testing and something is known of what is published or seen. */
function promotionOf(
  { config, reports, standings, ledger }: Known,
  state: DomainReview['state'],
  now: Instant,
): Promotion | null {
  if (state !== 'testing' || (standings.length === 0 && ledger.versions.length === 0)) return null;
  return judgePromotion({
    now,
    config,
    ledger,
    reports,
    observations: looksOf(standings),
    live: liveOf(standings, ledger, now),
  });
}

/** What to do ends with what will show that it worked. */
function withRepair(finding: Finding, config: DomainConfig): Finding {
  const { rule, subject, state, action } = finding;
  if (state === 'filtered') return finding;
  const who = subject.reporter === null ? 'the reporters' : names([subject.reporter]);
  const repaired = fillPlaceholders(entryFor(rule).confirms_repair, placeholders(config, subject, who));
  return { ...finding, action: `${action} Repaired when: ${repaired}` };
}
