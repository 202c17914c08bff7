import { addDays, type Day } from '../clock.ts';
import type { Actor, FindingSubject } from '../finding.ts';
import type { FailureRun, HasData } from './failures/failure-run.ts';
import type { ReporterFailure } from './failures/reporter-failures.ts';
import type { Witness } from './probes/probe-witness.ts';
import { responsibleFor } from './responsible.ts';

export interface Attribution {
  readonly actor: Actor;
  /** Only one reporter sees it: severity counts one step lower. */
  readonly single: boolean;
  /** A probe saw a fault that explains it. */
  readonly confirmed: boolean;
  /** Vantages that see everything sound. */
  readonly green: number;
  /** Reporters with data on the failing days and none of these failures, sorted. */
  readonly clean: readonly string[];
}

/** Everything reports can tell about who is at fault. */
export interface AttributionFacts {
  readonly rule: string;
  readonly subject: Omit<FindingSubject, 'policy_type'>;
  readonly run: FailureRun;
  /** Every failure of the domain in the window, of all result types. */
  readonly failures: readonly ReporterFailure[];
  /** Every reporter of the domain, sorted. */
  readonly reporters: readonly string[];
  readonly hasData: HasData;
  readonly witness: Witness;
  /** Sessions that a reporter usually has on a day. */
  readonly usualSessions: (reporter: string) => number;
  readonly today: Day;
}

/** A verdict against the sender holds for so long; then somebody looks again (playbook, decision rule). */
const SENDER_VERDICT_DAYS = 30;
/** Who meets the same fault fails at least this part of what the failing reporter does. */
const PART_OF_FAULT = 0.25;
/** A reporter is clean when at least so many of its sessions would have failed like the others' and did not. */
const LEAST_EXPECTED = 1;

/**
 * Who can act, by the playbook's decision rule. A probe that sees the fault too makes it ours, or our provider's. One
 * reporter that fails while others are clean on the same days makes it the sender's, for 30 days at most, and never an
 * expired certificate: a forgotten node looks like one sender's trouble, too. Anything else stays unresolved: several
 * reporters that fail while every probe is green have found what probes do not see.
 *
 * A report does not say which MX host its successful sessions reached. "Clean" therefore means: no failure of this
 * result type on this MX host, nor on one that the report does not name.
 */
export function attribute(facts: AttributionFacts): Attribution {
  const { rule, subject, run, hasData } = facts;
  const days = new Set(run.failures.map(({ row }) => row.day));
  const failing = new Set(run.reporters);
  const known = new Set<string>();
  const others = new Map<string, ReporterFailure[]>();
  for (const failure of facts.failures) {
    const { reporter, day } = failure.row;
    if (!days.has(day) || !isSameFault(failure, subject)) continue;
    if (failure.filtered) known.add(reporter);
    else {
      if (failure.crosses) failing.add(reporter);
      const own = others.get(reporter);
      if (own === undefined) others.set(reporter, [failure]);
      else own.push(failure);
    }
  }
  const policyTypes = new Set(run.failures.map(({ row }) => row.policy_type));
  const reportDays = (reporter: string) =>
    [...days].filter((day) => [...policyTypes].some((type) => hasData(reporter, day, type))).length;
  const share = shareOf(run);
  const touched = new Set(failing);
  for (const [reporter, own] of others)
    if (isTouched(own, share, facts.usualSessions(reporter), reportDays(reporter))) touched.add(reporter);
  const clean = facts.reporters.filter(
    (reporter) => !touched.has(reporter) && !known.has(reporter) && reportDays(reporter) > 0,
  );

  const single = failing.size === 1;
  const { agrees, green } = facts.witness;
  if (agrees !== null)
    return { actor: responsibleFor(subject.mx ?? agrees.host), single, confirmed: true, green, clean };
  const telling = clean.reduce((sum, reporter) => sum + facts.usualSessions(reporter) * days.size * share, 0);
  const aloneAmongClean = single && touched.size === 1 && clean.length > 0 && telling >= LEAST_EXPECTED;
  const isFresh = run.since >= addDays(facts.today, -SENDER_VERDICT_DAYS);
  const isSenders = aloneAmongClean && isFresh && rule !== 'certificate-expired';
  return { actor: isSenders ? 'sender' : 'unknown', single, confirmed: false, green, clean };
}

/**
 * Does another reporter have part in it? Its failures over all the days of the run, not those of one of them, are held
 * against what it usually has and against what it would have if it met the same fault: of many reporters and days, one is
 * always a little worse than usual. What is usual of one that is still learned is not known, so it speaks for a fault.
 */
function isTouched(
  failures: readonly ReporterFailure[],
  share: number,
  usualSessions: number,
  reportDays: number,
): boolean {
  let failed = 0;
  let sessions = 0;
  let usual = 0;
  for (const one of failures) {
    if (one.before === null) return true;
    failed += one.failed;
    sessions += one.sessions ?? usualSessions;
    usual = Math.max(usual, one.before);
  }
  const failingDays = new Set(failures.map(({ row }) => row.day)).size;
  sessions += usualSessions * Math.max(0, reportDays - failingDays);
  const isElevated = failures.some(({ elevated }) => elevated);
  return isElevated && failed / Math.max(1, sessions) - usual >= share * PART_OF_FAULT;
}

/** Of the sessions of the failing reporters; all of them when none said how many succeeded. */
function shareOf({ failures }: FailureRun): number {
  let failed = 0;
  let sessions = 0;
  for (const failure of failures) {
    if (failure.sessions === null) continue;
    failed += failure.failed;
    sessions += failure.sessions;
  }
  return sessions === 0 ? 1 : failed / sessions;
}

/** The same result type, on this MX host or on one that one of the two does not name; for a rate of no single type any. */
function isSameFault(failure: ReporterFailure, subject: AttributionFacts['subject']): boolean {
  if (subject.result_type === null) return failure.crosses;
  if (failure.result_type !== subject.result_type) return false;
  return subject.mx === null || failure.mx === null || failure.mx === subject.mx;
}
