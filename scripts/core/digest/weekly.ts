import { AGREEMENT_PARTS, type Agreement } from '../agreement.ts';
import { newestCompleteDay } from '../analysis/complete-days.ts';
import { ACTOR_WORDS, number } from '../analysis/finding-text.ts';
import { type Day, daysFrom, type Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { type Actor, type Finding, isUrgent } from '../finding.ts';
import { certificateStage, renewalWords } from '../incidents/certificate-escalation.ts';
import type { Standing } from '../probe/standing.ts';
import type { ReportsView } from '../reports/view.ts';
import type { Review } from '../review.ts';
import { comparedWithBefore, shareText, total, type WeekCount } from './comparison.ts';
import { mondayOf, sundayOf, type Week, weekBefore } from './week.ts';

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

interface WeeklyFailure {
  readonly domain: string;
  readonly result_type: string;
  readonly policy_type: string;
  readonly mx: string | null;
  readonly reporters: readonly string[];
  readonly sessions: number;
  readonly who: string;
}

interface WeeklyCertificate {
  readonly host: string;
  readonly domains: readonly string[];
  readonly not_after: string;
  readonly words: string;
  readonly urgent: boolean;
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

const TOP_FAILURES = 10;
const SOONEST = 15;
const TASKS = 15;
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
  const weekly = mine.map((one) => weeklyDomain(one, facts));
  return {
    organisation,
    week,
    from: mondayOf(week),
    to: sundayOf(week),
    at: now,
    headline: headline(mine, open, facts),
    domains: weekly,
    failures: failures(facts, domains, findings),
    certificates: certificates(facts, domains),
    todo: open.slice(0, TASKS).map((finding) => taskOf(finding, domains, facts)),
    unknown: unknowns(facts, mine, open.length),
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

function weeklyDomain(one: Review['domains'][number], { reports, week }: WeeklyFacts): WeeklyDomain {
  const types = [
    ...new Set(reports.daily.filter(({ domain }) => domain === one.domain).map(({ policy_type }) => policy_type)),
  ].sort();
  const counted = types.map((policy_type) => {
    const [now, before] = [
      countOf(reports, one.domain, policy_type, week),
      countOf(reports, one.domain, policy_type, weekBefore(week)),
    ];
    return {
      policy_type,
      seen: total(now) + total(before) > 0,
      sessions: number(total(now)),
      success: total(now) === 0 ? 'not known' : shareText(now.successful, total(now)),
      compared: comparedWithBefore(now, before),
    };
  });
  const sessions = counted.filter(({ seen }) => seen).map(({ seen: _, ...rest }) => rest);
  return { domain: one.domain, state: one.state, agreement: one.agreement, next: one.next, sessions };
}

/**
 * Failed sessions of reporters that do not say how many succeeded are left out of both: a share of what is not known is
 * none. They stand under failures.
 */
function countOf({ daily, failing }: ReportsView, domain: string, policyType: string, week: Week): WeekCount {
  const [from, to] = [mondayOf(week), sundayOf(week)];
  const isOf = (row: { domain: string; day: Day; policy_type: string }) =>
    row.domain === domain && row.policy_type === policyType && row.day >= from && row.day <= to;
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

/** Categories overlap (RFC 8460 §4), so these need not add up to the failed sessions. */
function failures(
  facts: WeeklyFacts,
  domains: ReadonlySet<string>,
  findings: readonly Finding[],
): readonly WeeklyFailure[] {
  const [from, to] = [mondayOf(facts.week), sundayOf(facts.week)];
  const found = new Map<
    string,
    { failure: Omit<WeeklyFailure, 'who' | 'reporters' | 'sessions'>; sessions: number; by: Map<string, number> }
  >();
  for (const row of facts.reports.failing) {
    if (!domains.has(row.domain) || row.day < from || row.day > to) continue;
    for (const { result_type, mx, sessions } of row.details) {
      const key = JSON.stringify([row.domain, row.policy_type, result_type, mx]);
      const { domain, policy_type } = row;
      const known = found.get(key) ?? { failure: { domain, policy_type, result_type, mx }, sessions: 0, by: new Map() };
      known.sessions += sessions;
      known.by.set(row.reporter, (known.by.get(row.reporter) ?? 0) + sessions);
      found.set(key, known);
    }
  }
  return [...found.values()]
    .sort((a, b) => b.sessions - a.sessions || (JSON.stringify(a.failure) < JSON.stringify(b.failure) ? -1 : 1))
    .slice(0, TOP_FAILURES)
    .map(({ failure, sessions, by }) => {
      const reporters = [...by].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
      return { ...failure, sessions, reporters, who: whoOf(failure, findings) };
    });
}

function whoOf(
  { domain, result_type, mx }: Omit<WeeklyFailure, 'who' | 'reporters' | 'sessions'>,
  findings: readonly Finding[],
): string {
  const fits = findings.filter(
    (finding) =>
      finding.domains.some((one) => one === domain) &&
      (finding.subject.result_type === result_type || finding.rule === result_type),
  );
  const best = fits.find(({ subject }) => subject.mx === mx) ?? fits[0];
  if (best === undefined) return 'below the threshold of a finding';
  return best.state === 'filtered' ? 'a known sender issue' : WHO[best.actor];
}

const WHO: Readonly<Record<Actor, string>> = ACTOR_WORDS;

/** Each host once, soonest end first: the earliest end on any address that a probe saw last. */
function certificates(
  { standings, thresholds, now }: WeeklyFacts,
  domains: ReadonlySet<string>,
): readonly WeeklyCertificate[] {
  const hosts = new Map<string, { not_before: Instant; not_after: Instant; domains: Set<string> }>();
  for (const { kind, domain, subject, facts, at, last_look } of standings) {
    if ((kind !== 'mx' && kind !== 'policy') || domain === null || !domains.has(domain) || at !== last_look) continue;
    const { not_before, not_after } = (facts['certificate'] ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof not_before !== 'string' || typeof not_after !== 'string' || Number.isNaN(Date.parse(not_after)))
      continue;
    const known = hosts.get(subject) ?? {
      not_before: not_before as Instant,
      not_after: not_after as Instant,
      domains: new Set(),
    };
    known.domains.add(domain);
    if (Date.parse(not_after) < Date.parse(known.not_after)) {
      known.not_after = not_after as Instant;
      known.not_before = not_before as Instant;
    }
    hosts.set(subject, known);
  }
  return [...hosts]
    .sort(([a, one], [b, other]) => Date.parse(one.not_after) - Date.parse(other.not_after) || (a < b ? -1 : 1))
    .slice(0, SOONEST)
    .map(([host, { not_before, not_after, domains: named }]) => {
      const stage = certificateStage({ not_before, not_after }, thresholds, now);
      const days = Math.floor((Date.parse(not_after) - Date.parse(now)) / 86_400_000);
      const left = days < 0 ? 'expired' : `${days} ${days === 1 ? 'day' : 'days'} left`;
      const words = stage === 'expired' ? 'expired' : (renewalWords({ not_before, not_after }, now) ?? left);
      return { host, domains: [...named].sort(), not_after: not_after.slice(0, 10), words, urgent: stage !== 'none' };
    });
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
      : summary,
    action: others ? '' : action,
    issue: others ? null : facts.issueOf(fingerprint),
  };
}

function unknowns(facts: WeeklyFacts, mine: Review['domains'], open: number): readonly string[] {
  const { reports, week, standings, now } = facts;
  const names = new Set<string>(mine.map(({ domain }) => domain));
  const [from, to] = [mondayOf(week), sundayOf(week)];
  const said: string[] = [];
  const complete = newestCompleteDay(now);
  if (to > complete)
    said.push(`Reports for days after ${complete} may still arrive; the figures of these days can grow.`);
  const seen = new Map<string, Set<Day>>();
  for (const { domain, day, successful, failed } of reports.daily)
    if (names.has(domain) && day >= from && day <= to && successful + failed > 0)
      seen.set(domain, (seen.get(domain) ?? new Set()).add(day));
  const silent = mine.filter(({ domain }) => !seen.has(domain)).map(({ domain }) => domain);
  if (silent.length > 0)
    said.push(`No report with a session this week, so nothing is known from senders: ${named(silent)}.`);
  const gaps = mine.filter(({ domain }) => {
    const days = seen.get(domain);
    return days !== undefined && daysFrom(from, to).some((day) => day <= complete && !days.has(day));
  });
  if (gaps.length > 0)
    said.push(`Days without data are unknown, not good: ${named(gaps.map(({ domain }) => domain))} had such days.`);
  if (standings.length === 0) said.push('Certificates, DNS and policy hosts are not known: no probe has run.');
  else {
    const blind = new Set(
      standings
        .filter(
          ({ outcome, domain, at, last_look }) =>
            outcome === 'unknown' && at === last_look && domain !== null && names.has(domain),
        )
        .map(({ domain }) => domain as string),
    );
    if (blind.size > 0) said.push(`A probe could not see everything of ${named([...blind].sort())}.`);
  }
  const unsaid = reports.daily.filter(
    ({ domain, day, unknown_entries }) => names.has(domain) && day >= from && day <= to && unknown_entries > 0,
  );
  if (unsaid.length > 0) said.push('Some reports leave out how many sessions succeeded; those are in no share.');
  const apart = reports.apart.filter(
    ({ domain, reason }) => reason === 'unauthenticated' && domain !== null && names.has(domain),
  );
  const unsigned = apart.reduce((sum, one) => sum + one.reports, 0);
  if (unsigned > 0)
    said.push(
      `Without a valid signature, so stored and not counted: ${number(unsigned)} ${unsigned === 1 ? 'report' : 'reports'}.`,
    );
  if (open > TASKS) said.push(`${number(open - TASKS)} more findings are open than this mail lists.`);
  said.push('Reports come from senders that send them, mostly large ones: figures speak of their sessions only.');
  return said;
}

function named(domains: readonly string[]): string {
  const more = domains.length - NAMED;
  return `${domains.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
}
