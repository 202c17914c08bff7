import { type Day, dayOf, type Instant } from '../../clock.ts';
import type { DomainConfig, Thresholds } from '../../config/types.ts';
import type { Finding, Severity } from '../../finding.ts';
import { entryFor } from '../../findings/playbook.ts';
import type { PlaybookEntry } from '../../findings/playbook-entry.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import type { Standing } from '../../probe/standing.ts';
import { type Attribution, attribute } from '../attribution.ts';
import { failureAction, failureEvidence, failureSummary } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import { explains, witnessOf } from '../probes/probe-witness.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import type { KnownSenderIssueTest } from '../sender-issues.ts';
import { severityMode, severityOf } from '../severity.ts';
import { mean } from '../volume/volume-baseline.ts';
import { type FailureGroup, failureGroups, isPolicyFault } from './failure-groups.ts';
import type { FailureJudge } from './failure-judge.ts';
import { currentRun, type FailureRun, type HasData } from './failure-run.ts';
import { asNewFailures } from './new-failures.ts';
import { type ReporterFailure, reporterFailures } from './reporter-failures.ts';

export interface FailureFacts {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  /** Every day of the window, ascending. */
  readonly days: readonly Day[];
  readonly newestComplete: Day;
  readonly isKnown: KnownSenderIssueTest;
  readonly judge: FailureJudge;
  readonly thresholds: Thresholds;
  /** What probes saw of this domain. */
  readonly standings: readonly Standing[];
  /** What follows from it. */
  readonly probes: readonly Finding[];
  readonly ledger: Ledger;
  readonly now: Instant;
}

/** What the failed sessions of one domain amount to: one finding per rule and MX host, policy host or reporter. */
export function failureFindings(facts: FailureFacts): readonly Finding[] {
  if (facts.reports.failing.length === 0) return [];
  const failures = facts.reports.failing.flatMap((row) => reporterFailures(row, facts.isKnown, facts.judge));
  const data = reportDays(facts.reports);
  return failureGroups(facts.config, failures).flatMap(
    (group) => findingOf(group, failures, data, facts) ?? newFailure(group, failures, data, facts) ?? [],
  );
}

/** What does not cross by its rate may still be a type that was never seen there before. */
function newFailure(
  group: FailureGroup,
  failures: readonly ReporterFailure[],
  data: HasData,
  facts: FailureFacts,
): Finding | null {
  if (group.failures.some(({ crosses }) => crosses)) return null;
  const fresh = asNewFailures(group, facts.reports, facts.thresholds, dayOf(facts.now));
  if (fresh === null) return null;
  const rule = 'anomaly-new-failure';
  const print = fingerprint(rule, facts.config.domain, group.subject);
  return findingOf({ ...group, rule, fingerprint: print, failures: fresh }, failures, data, facts);
}

function findingOf(
  group: FailureGroup,
  failures: readonly ReporterFailure[],
  hasReport: HasData,
  facts: FailureFacts,
): Finding | null {
  if (!group.failures.some(({ crosses }) => crosses)) return null;
  const { rule, subject, fingerprint } = group;
  const { config, days, newestComplete } = facts;
  // A fetch that works again shows under whatever policy the sender then finds.
  const hasData: HasData = isPolicyFault(subject.result_type)
    ? (reporter, day) => hasReport(reporter, day, 'no-policy-found')
    : hasReport;
  const runOf = (filtered: boolean) =>
    currentRun(
      group.failures.filter((failure) => failure.filtered === filtered),
      days,
      newestComplete,
      hasData,
    );
  const unfiltered = runOf(false);
  const run = unfiltered ?? runOf(true);
  if (run === null) return null;
  const entry = entryFor(rule);

  const known = unfiltered === null;
  const reporters = facts.reports.reporters.map(({ reporter }) => reporter);
  const judged = attribute({
    rule,
    subject,
    run,
    failures,
    reporters,
    hasData,
    witness: witnessOf(facts.standings, { ...subject, since: run.since, last_seen: run.last_seen }),
    usualSessions: usualSessions(facts.reports),
    today: dayOf(facts.now),
  });
  const attribution: Attribution = known ? { ...judged, actor: 'sender' } : judged;
  const policyType = leadingPolicyType(run);
  // Whose fault it is, also where the reports name a host of ours.
  const sender = attribution.actor === 'sender' && run.reporters.length === 1 ? (run.reporters[0] ?? null) : null;
  const reporter = subject.reporter ?? sender;
  const words = { config, entry, subject, run, policyType, attribution, known };
  return {
    rule,
    domain: config.domain,
    domains: [config.domain],
    subject: { ...subject, reporter, policy_type: policyType },
    severity: severityOfRun(run, entry, attribution, facts),
    state: known ? 'filtered' : run.state,
    since: run.since,
    last_seen: run.last_seen,
    detected_at: facts.now,
    actor: attribution.actor,
    summary: failureSummary(words),
    evidence: failureEvidence(words),
    action: failureAction(words),
    fingerprint,
    incident: incidentOf(rule, { ...subject, reporter }, attribution, facts),
  };
}

/**
 * Reports of a fault that a probe sees are about the same cause; so is what one host or one sender does to several, and what
 * several senders see of one domain without a word on the host.
 */
function incidentOf(
  rule: string,
  subject: FailureGroup['subject'],
  { actor, confirmed }: Attribution,
  { config, probes }: FailureFacts,
): string | null {
  const seen = probes.find(
    (probe) => explains(probe.rule, subject.result_type) && (subject.mx === null || probe.subject.mx === subject.mx),
  );
  if (confirmed && seen !== undefined) return seen.incident;
  if (actor === 'sender') return `reporter:${encodeURIComponent(subject.reporter ?? subject.name)}`;
  if (subject.kind === 'policy-host') return `policy-host:mta-sts.${config.domain}`;
  return subject.mx === null ? `senders:${config.domain}/${rule}` : `mx:${encodeURIComponent(subject.mx)}`;
}

/** Sessions of a reporter on a usual day: its mean over the days it reported. */
function usualSessions({ reporters }: DomainReports): (reporter: string) => number {
  return (reporter) => {
    const record = reporters.find((one) => one.reporter === reporter);
    return record === undefined ? 0 : mean(record.volumes);
  };
}

/** Under `no-policy-found` TLS is opportunistic and nothing is held up, unless what failed is the policy itself. */
function severityOfRun(
  run: FailureRun,
  entry: PlaybookEntry,
  attribution: Attribution,
  { config, ledger }: FailureFacts,
): Severity {
  const types = new Set(run.failures.filter(({ crosses }) => crosses).map(({ row }) => row.policy_type));
  if (!types.has('sts') && !types.has('tlsa') && !isPolicyFault(entry.rule)) return 'sev3';
  // DANE has no testing mode: what fails under `tlsa` is held at the sender, whatever the MTA-STS mode.
  const mode = types.has('tlsa') ? 'enforce' : severityMode(config, ledger);
  return severityOf({ entry, mode, ...attribution });
}

/** The policy type whose counts are told: the one that can hold mail up, if there is one. */
function leadingPolicyType(run: FailureRun): string {
  const types = new Set(run.failures.filter(({ crosses }) => crosses).map(({ row }) => row.policy_type));
  return (
    ['sts', 'tlsa', 'no-policy-found'].find((type) => types.has(type)) ??
    run.failures.at(-1)?.row.policy_type ??
    'other'
  );
}

/**
 * Who reported when. The view tells for each reporter its days and the policy types it ever counted sessions under, and
 * for each day the policy types with sessions from anyone. So under `sts` and `tlsa` a day is a reporter's when all
 * three say so; under anything else when it reported at all.
 */
function reportDays({ reporters, daily }: DomainReports): HasData {
  const days = new Map<string, Set<Day>>();
  const validates = new Set<string>();
  for (const record of reporters) {
    const known = days.get(record.reporter) ?? new Set<Day>();
    days.set(record.reporter, known);
    for (const day of record.days) known.add(day);
    for (const { policy_type, successful, failed } of record.totals) {
      if (successful + failed > 0) validates.add(`${policy_type} ${record.reporter}`);
    }
  }
  const counted = new Set<string>();
  for (const row of daily) if (row.successful + row.failed > 0) counted.add(`${row.policy_type} ${row.day}`);
  return (reporter, day, policyType) => {
    if (days.get(reporter)?.has(day) !== true) return false;
    if (policyType !== 'sts' && policyType !== 'tlsa') return true;
    return counted.has(`${policyType} ${day}`) && validates.has(`${policyType} ${reporter}`);
  };
}
