import { byUrgency } from '#scripts/core/analysis/finding-order.ts';
import { compare, type DomainReports, reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import { addDays, type Day, dayOf, daysFrom, type Instant } from '#scripts/core/clock.ts';
import type { Configuration, DomainConfig, Settings } from '#scripts/core/config/types.ts';
import { type Finding, isUrgent } from '#scripts/core/finding.ts';
import type { Alerts, Incident } from '#scripts/core/incidents/incident.ts';
import type { ReporterWarning, ReportsView } from '#scripts/core/reports/view.ts';
import type { DomainReview, Review, RolloutReview } from '#scripts/core/review.ts';

/** Everything the pages are made of, of one moment. */
export interface SiteFacts {
  readonly settings: Settings;
  /** The moment the review speaks of. */
  readonly now: Instant;
  readonly review: Review;
  /** Stored files of reports that could not be read: what they hold is missing from every figure. */
  readonly unreadable: number;
  readonly made: Made;
  /** When each task last ended well; null: never. */
  readonly tasks: Readonly<Record<string, Instant | null>>;
  /** Oldest first; null: nothing keeps incidents here, so whether there were any is not known. */
  readonly incidents: readonly Incident[] | null;
  /** The days that pictures show, ascending. */
  readonly days: readonly Day[];
  /** By standing, most urgent first within one; else by name. */
  readonly domains: readonly DomainFacts[];
  /** What had to be repaired or doubted in the reports of all domains. */
  readonly warnings: readonly ReporterWarning[];
}

/** The days that figures without a span speak of, as the explorer asks for them. */
export function windowOf({ days }: SiteFacts): { readonly from: string; readonly to: string } {
  return { from: days[0] ?? '', to: days.at(-1) ?? '' };
}

/** What a page was made from. */
export interface Made {
  readonly version: string;
  /** Of the configuration; null outside a git repository. */
  readonly commit: string | null;
  /** The newest report or observation in it; null: there is none. */
  readonly data_at: Instant | null;
}

/** Everything the pages are made of, of one domain. */
export interface DomainFacts {
  readonly config: DomainConfig;
  readonly standing: Standing;
  readonly review: DomainReview;
  readonly reports: DomainReports;
  readonly rollout: RolloutReview | null;
  /** Findings that touch this domain, most urgent first. */
  readonly findings: readonly Finding[];
  /** Those that touch this domain, newest first; null: nothing keeps incidents here. */
  readonly incidents: readonly Incident[] | null;
}

/** What the task `gatherSite` gives. */
export interface GatheredFacts {
  readonly configuration: Configuration;
  readonly reports: ReportsView;
  readonly review: Review;
  readonly unreadable: readonly unknown[];
  readonly version: string;
  readonly commit: string | null;
  readonly tasks: SiteFacts['tasks'];
  readonly alerts: Alerts | null;
}

/** One pass over each part of the data; nothing below this looks through a list for a domain. */
export function siteFacts(settings: Settings, gathered: GatheredFacts): SiteFacts {
  const { configuration, reports, review, unreadable } = gathered;
  const reviews = new Map(review.domains.map((one) => [one.domain, one]));
  const rollouts = new Map(review.rollouts.map((one) => [one.domain, one]));
  const findings = findingsByDomain([...review.findings].sort(byUrgency));
  const reportsOf = reportsByDomain(reports);
  const incidents = gathered.alerts === null ? null : keptIncidents(gathered.alerts);
  const incidentsOf = new Map<string, Incident[]>();
  for (const one of incidents ?? [])
    for (const domain of one.domains) incidentsOf.set(domain, [one, ...(incidentsOf.get(domain) ?? [])]);
  const domains = configuration.domains.flatMap((config): DomainFacts[] => {
    const found = reviews.get(config.domain);
    if (found === undefined) return [];
    const ofDomain = findings.get(config.domain) ?? [];
    return [
      {
        config,
        standing: standing({ review: found, findings: ofDomain }),
        review: found,
        reports: reportsOf(config.domain),
        rollout: rollouts.get(config.domain) ?? null,
        findings: ofDomain,
        incidents: incidents === null ? null : (incidentsOf.get(config.domain) ?? []),
      },
    ];
  });
  return {
    settings,
    now: review.at,
    review,
    unreadable: unreadable.length,
    made: { version: gathered.version, commit: gathered.commit, data_at: newestData(review) },
    tasks: gathered.tasks,
    incidents,
    days: shownDays(reports, review.at),
    domains: domains.sort(byNeed),
    warnings: reports.warnings,
  };
}

/** One issue may list others that have none of their own yet: it is no incident. Merged ones live on in another. */
function keptIncidents({ incidents }: Alerts): readonly Incident[] {
  return Object.values(incidents)
    .filter(({ kind, timeline }) => kind === 'findings' && timeline.at(-1)?.event !== 'merged')
    .sort((a, b) => compare(a.detected_at, b.detected_at) || compare(a.key, b.key));
}

function newestData({ freshness: { reports, observations } }: Review): Instant | null {
  const times = [reports.last_received_at, observations].filter((one) => one !== null);
  return times.sort().at(-1) ?? null;
}

/** Where a domain stands in the overview: what needs someone first, then what nobody knows, then the calm rest. */
export const STANDINGS = ['urgent', 'minor', 'silent', 'calm'] as const;
export type Standing = (typeof STANDINGS)[number];

/** `silent`: nothing is open, but no figure of the last 30 days says so. Silence is not health. */
function standing({ findings, review }: Pick<DomainFacts, 'findings' | 'review'>): Standing {
  if (findings.some(isUrgent)) return 'urgent';
  if (findings.some(({ state }) => state === 'open')) return 'minor';
  return (review.sessions?.days_with_data ?? 0) === 0 ? 'silent' : 'calm';
}

/** Up to yesterday, because a report is sent after its day (RFC 8460 §4.1). */
function shownDays({ from, to }: ReportsView, now: Instant): readonly Day[] {
  const yesterday = addDays(dayOf(now), -1);
  return daysFrom(from, to < yesterday ? to : yesterday);
}

function findingsByDomain(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const byDomain = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (const domain of finding.domain === null ? finding.domains : [finding.domain]) {
      const list = byDomain.get(domain);
      if (list === undefined) byDomain.set(domain, [finding]);
      else list.push(finding);
    }
  }
  return byDomain;
}

function byNeed(a: DomainFacts, b: DomainFacts): number {
  const [first, second] = [worst(a), worst(b)];
  return (
    STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) ||
    (first !== undefined && second !== undefined ? byUrgency(first, second) : 0) ||
    compare(a.config.domain, b.config.domain)
  );
}

/** What puts a domain before others: only what is open. */
function worst({ findings }: DomainFacts): Finding | undefined {
  return findings.find(({ state }) => state === 'open');
}
