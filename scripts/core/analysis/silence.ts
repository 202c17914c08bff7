import { addDays, type Day, daysBetween, type Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import type { Actor, Finding } from '../finding.ts';
import { fillPlaceholders } from '../findings/placeholders.ts';
import { entryFor } from '../findings/playbook.ts';
import type { ReporterRecord } from '../reports/view.ts';
import { names, placeholders } from './finding-text.ts';
import { fingerprint } from './fingerprint.ts';
import { compare, type DomainReports } from './reports-by-domain.ts';
import { severityMode, severityOf } from './severity.ts';

/** A reporter with so many report days in the window is missed when it stops. */
const KNOWN_REPORTER_DAYS = 7;
/** More complete days than this without one known reporter, while others report. */
const QUIET_REPORTER_DAYS = 3;
/** More complete days than this without any report. */
const QUIET_DOMAIN_DAYS = 2;

export interface SilenceFacts {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  readonly newestComplete: Day;
  readonly now: Instant;
}

/**
 * Reports that used to come and do not (`reports-silent`). Only complete days count, so the ordinary delay of a report
 * (RFC 8460 §4.1 and §5.5, see newestCompleteDay) is never called silence, and neither is a rhythm: a reporter or a
 * domain with gaps must be quiet for longer than the longest gap it has shown. A domain that never had a report has
 * nothing to miss: that is not known, not a finding.
 */
export function silenceFindings(facts: SilenceFacts): readonly Finding[] {
  const { reports, newestComplete } = facts;
  // Almost every domain leaves here: a report of the last few days is on hand from everyone.
  const recent = addDays(newestComplete, -QUIET_DOMAIN_DAYS);
  const quiet = reports.reporters.filter(({ days }) => (days.at(-1) ?? recent) < recent);
  if (quiet.length === 0) return [];
  const all = quiet.length === reports.reporters.length ? allSilent(facts) : null;
  const single = quiet.flatMap((record) => reporterSilent(record, facts) ?? []);
  return all === null ? single : [all, ...single];
}

function allSilent(facts: SilenceFacts): Finding | null {
  const { config, reports, newestComplete } = facts;
  const days = [...new Set(reports.reporters.flatMap((record) => record.days))].sort(compare);
  const last = days.at(-1);
  if (last === undefined || (config.volume === 'low' && days.length < KNOWN_REPORTER_DAYS)) return null;
  const quiet = daysBetween(last, newestComplete);
  if (quiet <= Math.max(QUIET_DOMAIN_DAYS, longestGap(days))) return null;
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
  const { reports, newestComplete } = facts;
  const last = record.days.at(-1);
  if (last === undefined || record.days.length < KNOWN_REPORTER_DAYS) return null;
  const others = new Set<Day>();
  for (const other of reports.reporters) {
    if (other.reporter === record.reporter) continue;
    for (const day of other.days) if (day > last && day <= newestComplete) others.add(day);
  }
  const quiet = daysBetween(last, newestComplete);
  if (others.size <= QUIET_REPORTER_DAYS || quiet <= longestGap(record.days)) return null;
  const name = names([record.reporter]);
  return finding(facts, {
    reporter: record.reporter,
    last,
    actor: 'unknown',
    summary: `No report from ${name} for any day after ${last}, while others reported on ${others.size} of the ${quiet} complete days since.`,
    evidence: `${name} had reported on ${record.days.length} days; the last one is ${last}.`,
  });
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
  { config, newestComplete, now }: SilenceFacts,
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
    severity: severityOf({ entry, mode: severityMode(config), single: reporter !== null, actor }),
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

/** The most days in a row without a report between two with one. */
function longestGap(days: readonly Day[]): number {
  let longest = 0;
  for (let index = 1; index < days.length; index++) {
    const [before, after] = [days[index - 1], days[index]];
    if (before !== undefined && after !== undefined) longest = Math.max(longest, daysBetween(before, after) - 1);
  }
  return longest;
}
