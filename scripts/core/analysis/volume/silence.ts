import { addDays, type Day, dayOf, daysBetween, daysFrom, type Instant, isWeekend } from '../../clock.ts';
import type { DomainConfig, Thresholds } from '../../config/types.ts';
import type { Actor, Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import type { ReporterRecord } from '../../reports/view.ts';
import { names, placeholders } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare, type DomainReports } from '../reports-by-domain.ts';
import { severityMode, severityOf } from '../severity.ts';
import { successorOf } from './renamed-reporters.ts';

/** A reporter with so many report days in the window is missed when it stops. */
const KNOWN_REPORTER_DAYS = 7;
/** What days without any report may have as chance, by the habit so far, before a domain is called silent, … */
const BY_CHANCE = 1e-4;
/** … and one of its reporters: there are many of them. */
const BY_CHANCE_OF_ONE = 1e-5;
/** The habit is that of the last so many days before it fell silent. */
const HABIT_DAYS = 42;

export interface SilenceFacts {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  readonly newestComplete: Day;
  readonly now: Instant;
  readonly ledger: Ledger;
  readonly thresholds: Thresholds;
}

/**
 * Reports that used to come and do not (`reports-silent`). Only complete days count, so the ordinary delay of a report
 * (RFC 8460 §4.1 and §5.5, see newestCompleteDay) is never called silence, and neither is a rhythm: a reporter or a
 * domain with gaps must be quiet for longer than the longest gap it has shown, and for longer than chance explains in one
 * that often has no session at all. A reporter whose reports still come, only late, is not silent, and neither is one that
 * goes on under another name. A domain that never had a report has nothing to miss: that is not known, not a finding.
 */
export function silenceFindings(facts: SilenceFacts): readonly Finding[] {
  const { reports, newestComplete, thresholds } = facts;
  // Almost every domain leaves here: a report of the last few days is on hand from everyone.
  const recent = addDays(newestComplete, -thresholds.silent_days);
  const quiet = reports.reporters.filter(({ days }) => (days.at(-1) ?? recent) < recent);
  if (quiet.length === 0) return [];
  const all = quiet.length === reports.reporters.length ? allSilent(facts) : null;
  const single = quiet.flatMap((record) => reporterSilent(record, facts) ?? []);
  return all === null ? single : [all, ...single];
}

function allSilent(facts: SilenceFacts): Finding | null {
  const { config, reports, newestComplete, thresholds } = facts;
  const days = [...new Set(reports.reporters.flatMap((record) => record.days))].sort(compare);
  const last = days.at(-1);
  if (last === undefined || (config.volume === 'low' && days.length < KNOWN_REPORTER_DAYS)) return null;
  const quiet = daysBetween(last, newestComplete);
  if (quiet <= Math.max(thresholds.silent_days, longestGap(days))) return null;
  if (days.length >= KNOWN_REPORTER_DAYS && byHabit(days, newestComplete) > BY_CHANCE) return null;
  const reporters = reports.reporters.map(({ reporter }) => reporter);
  // One reporter may have stopped; several at once points at our record or mailbox.
  return finding(facts, {
    reporter: null,
    last,
    actor: reporters.length > 1 ? 'you' : 'unknown',
    summary: `No report of ${config.domain} for any day after ${last}: ${quiet} complete days without one. What senders see is not known.`,
    evidence: `Until ${last} reports came from ${names(reporters)}.`,
  });
}

function reporterSilent(record: ReporterRecord, facts: SilenceFacts): Finding | null {
  const { reports, newestComplete, thresholds } = facts;
  const last = record.days.at(-1);
  if (last === undefined || record.days.length < KNOWN_REPORTER_DAYS) return null;
  const others = new Set<Day>();
  for (const other of reports.reporters) {
    if (other.reporter === record.reporter) continue;
    for (const day of other.days) if (day > last && day <= newestComplete) others.add(day);
  }
  const quiet = daysBetween(last, newestComplete);
  if (others.size <= thresholds.silent_reporter_days || quiet <= longestGap(record.days)) return null;
  if (isOnlyLate(record, last, facts) || successorOf(record, reports.reporters) !== null) return null;
  if (byHabit(record.days, newestComplete) > BY_CHANCE_OF_ONE) return null;
  const name = names([record.reporter]);
  return finding(facts, {
    reporter: record.reporter,
    last,
    actor: 'unknown',
    summary: `No report from ${name} for any day after ${last}, while others reported on ${others.size} of the ${quiet} complete days since.`,
    evidence: `${name} had reported on ${record.days.length} days; the last one is ${last}.`,
  });
}

/** A report of this delay is late; one that comes later still is an old one, handed over afterwards. */
const LATE_DAYS = 5;

/** Its reports come late, and the last one came just now: it has not fallen silent. */
function isOnlyLate({ last_received_at }: ReporterRecord, last: Day, { now, thresholds }: SilenceFacts): boolean {
  const received = dayOf(last_received_at);
  return (
    daysBetween(last, received) <= LATE_DAYS && daysBetween(received, dayOf(now)) <= thresholds.silent_reporter_days
  );
}

interface Silence {
  /** Null = all reporters. */
  readonly reporter: string | null;
  readonly last: Day;
  readonly actor: Actor;
  readonly summary: string;
  readonly evidence: string;
}

function finding(
  { config, newestComplete, now, ledger }: SilenceFacts,
  { reporter, last, actor, summary, evidence }: Silence,
): Finding {
  const rule = 'reports-silent';
  const entry = entryFor(rule);
  const subject = {
    kind: reporter === null ? ('domain' as const) : ('reporter' as const),
    name: reporter ?? config.domain,
    mx: null,
    reporter,
    result_type: null,
  };
  const action = fillPlaceholders(
    entry.recommend,
    placeholders(config, subject, reporter === null ? 'the reporters' : names([reporter])),
  );
  return {
    rule,
    domain: config.domain,
    domains: [config.domain],
    subject: { ...subject, policy_type: null },
    severity: severityOf({ entry, mode: severityMode(config, ledger), single: reporter !== null, actor }),
    state: 'open',
    since: addDays(last, 1),
    last_seen: newestComplete,
    detected_at: now,
    actor,
    summary,
    evidence: [{ kind: 'report', at: last, text: evidence, ref: null }],
    action,
    fingerprint: fingerprint(rule, config.domain, subject),
    incident: null,
  };
}

/**
 * How likely nothing at all for every day after the last one is, to a reporter that keeps its habit: the share of working
 * days and of weekends without a report before, multiplied over the days of silence.
 */
function byHabit(days: readonly Day[], newestComplete: Day): number {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return 1;
  const habit = addDays(last, 1 - HABIT_DAYS);
  const from = first > habit ? first : habit;
  const reported = new Set(days);
  const seen = { working: 0, weekend: 0 };
  const missed = { working: 0, weekend: 0 };
  for (const day of daysFrom(from, last)) {
    const part = isWeekend(day) ? 'weekend' : 'working';
    seen[part]++;
    if (!reported.has(day)) missed[part]++;
  }
  let chance = 1;
  for (const day of daysFrom(addDays(last, 1), newestComplete)) {
    const part = isWeekend(day) ? 'weekend' : 'working';
    chance *= (missed[part] + 0.5) / (seen[part] + 1);
  }
  return chance;
}

/** The most days in a row without a report between two with one. */
function longestGap(days: readonly Day[]): number {
  let longest = 0;
  for (let index = 1; index < days.length; index++) {
    const [before, after] = [days[index - 1], days[index]];
    if (before !== undefined && after !== undefined) longest = Math.max(longest, daysBetween(before, after) - 1);
  }
  return longest;
}
