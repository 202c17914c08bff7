import { AGREEMENT_PARTS, type Agreement } from '../agreement.ts';
import { number } from '../analysis/finding-text.ts';
import { type DomainReports, reportsByDomain } from '../analysis/reports-by-domain.ts';
import type { Day, Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { withDays } from '../day-words.ts';
import { type Finding, isUrgent } from '../finding.ts';
import type { Standing } from '../probe/standing.ts';
import { policyTypesOf } from '../reports/policy-types.ts';
import type { ReportsView } from '../reports/view.ts';
import type { Review } from '../review.ts';
import { shareText } from '../share-text.ts';
import { comparedWithBefore, total, type WeekCount } from './comparison.ts';
import { mondayOf, sundayOf, type Week, weekBefore } from './week.ts';
import { type WeeklyCertificate, weeklyCertificates } from './weekly-certificates.ts';
import { type WeeklyFailure, weeklyFailures } from './weekly-failures.ts';
import { unknowns } from './weekly-unknowns.ts';

/** One recipient's week: only the domains that are theirs. */
export interface WeeklyDigest {
  readonly organisation: string;
  readonly week: Week;
  readonly from: Day;
  readonly to: Day;
  readonly at: Instant;
  /** The week in one sentence. */
  readonly headline: string;
  readonly domains: readonly WeeklyDomain[];
  readonly failures: readonly WeeklyFailure[];
  readonly certificates: readonly WeeklyCertificate[];
  readonly todo: readonly WeeklyTask[];
  readonly unknown: readonly string[];
}

export interface WeeklyDomain {
  readonly domain: string;
  readonly state: string;
  readonly agreement: Agreement;
  readonly next: string;
  /** A line for each policy type: the same session may stand under two, so they are never added. */
  readonly sessions: readonly {
    readonly policy_type: string;
    readonly sessions: string;
    readonly success: string;
    readonly compared: string;
  }[];
}

interface WeeklyTask {
  readonly severity: string;
  readonly summary: string;
  readonly action: string;
  readonly issue: number | null;
}

export interface WeeklyFacts {
  readonly organisation: string;
  readonly week: Week;
  readonly review: Review;
  readonly reports: ReportsView;
  /** Empty when nothing was ever probed. */
  readonly standings: readonly Standing[];
  /** Issue numbers by fingerprint. */
  readonly issueOf: (fingerprint: string) => number | null;
  readonly thresholds: AlertSettings['certificate_thresholds'];
  readonly now: Instant;
}

/** At most so many things to do are listed. */
const TASKS = 15;
/** At most so many domains are named in one sentence. */
const NAMED = 10;

/** The week of the named domains, in the review's order; findings about no domain go to who sees every domain. */
export function weeklyDigest(facts: WeeklyFacts, domains: ReadonlySet<string>, seesAll: boolean): WeeklyDigest {
  const { organisation, week, review, now } = facts;
  const mine = review.domains.filter(({ domain }) => domains.has(domain));
  const findings = review.findings.filter(({ domain, domains: several }) => {
    const about = domain === null ? several : [domain];
    return about.length === 0 ? seesAll : about.some((one) => domains.has(one));
  });
  const open = findings.filter(({ state }) => state === 'open');
  const reportsOf = reportsByDomain(facts.reports);
  const weekly = mine.map((one) => weeklyDomain(one, reportsOf(one.domain), facts));
  return {
    organisation,
    week,
    from: mondayOf(week),
    to: sundayOf(week),
    at: now,
    headline: headline(mine, open, facts),
    domains: weekly,
    failures: weeklyFailures(facts, domains, findings),
    certificates: weeklyCertificates(facts, domains),
    todo: open.slice(0, TASKS).map((finding) => taskOf(finding, domains, facts)),
    unknown: unknowns(facts, mine, open.length - TASKS),
  };
}

function headline(mine: Review['domains'], open: readonly Finding[], { week }: WeeklyFacts): string {
  const agree = mine.filter(({ agreement }) =>
    AGREEMENT_PARTS.every((part) => agreement[part].state === 'agrees'),
  ).length;
  const disagree = mine.filter(({ agreement }) =>
    AGREEMENT_PARTS.some((part) => agreement[part].state === 'disagrees'),
  ).length;
  const notKnown = mine.length - agree - disagree;
  const urgent = open.filter(isUrgent).length;
  const parts = [
    `${number(mine.length)} ${mine.length === 1 ? 'domain' : 'domains'}`,
    `${number(agree)} in agreement`,
    ...(disagree > 0 ? [`${number(disagree)} not`] : []),
    ...(notKnown > 0 ? [`${number(notKnown)} not wholly known`] : []),
  ];
  const needs =
    urgent === 0
      ? 'nothing needs someone now'
      : `${number(urgent)} ${urgent === 1 ? 'thing needs' : 'things need'} someone now`;
  return `Week ${week.slice(6)}: ${parts.join(', ')}; ${needs}.`;
}

function weeklyDomain(
  one: Review['domains'][number],
  { daily, failing }: DomainReports,
  { week, now }: WeeklyFacts,
): WeeklyDomain {
  const counted = policyTypesOf(daily).map((policy_type) => {
    const [counts, before] = [week, weekBefore(week)].map((one) => countOf(daily, failing, policy_type, one)) as [
      WeekCount,
      WeekCount,
    ];
    return {
      policy_type,
      seen: total(counts) + total(before) > 0,
      sessions: number(total(counts)),
      success: shareText(counts.successful, total(counts)),
      compared: comparedWithBefore(counts, before),
    };
  });
  const sessions = counted.filter(({ seen }) => seen).map(({ seen: _, ...rest }) => rest);
  return { domain: one.domain, state: one.state, agreement: one.agreement, next: withDays(one.next, now), sessions };
}

/**
 * Failed sessions of reporters that do not say how many succeeded are left out of both: a share of what is not known is
 * none. They stand under failures.
 */
function countOf(
  daily: DomainReports['daily'],
  failing: DomainReports['failing'],
  policyType: string,
  week: Week,
): WeekCount {
  const [from, to] = [mondayOf(week), sundayOf(week)];
  const isOf = (row: { readonly day: Day; readonly policy_type: string }) =>
    row.policy_type === policyType && row.day >= from && row.day <= to;
  const rows = daily.filter(isOf);
  const unsaid = failing
    .filter((row) => isOf(row) && row.successful === null)
    .reduce((sum, { failed }) => sum + failed, 0);
  return {
    successful: rows.reduce((sum, { successful }) => sum + successful, 0),
    failed: rows.reduce((sum, { failed }) => sum + failed, 0) - unsaid,
    days: rows.filter(({ successful, failed }) => successful + failed > 0).length,
  };
}

function taskOf(
  { severity, summary, action, fingerprint, domain, domains: several }: Finding,
  domains: ReadonlySet<string>,
  facts: WeeklyFacts,
): WeeklyTask {
  // A cause that several customers share is told without the names of the others.
  const others = domain === null && several.some((one) => !domains.has(one));
  const own = several.filter((one) => domains.has(one));
  return {
    severity,
    summary: others
      ? `A cause that touches ${own.slice(0, NAMED).join(', ')}: ask whoever runs Postern for you.`
      : withDays(summary, facts.now),
    action: others ? '' : withDays(action, facts.now),
    issue: others ? null : facts.issueOf(fingerprint),
  };
}
