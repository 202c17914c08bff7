import type { Actor, FindingSubject } from '../finding.ts';
import type { FailureRun, HasData } from './failure-run.ts';
import type { ReporterFailure } from './reporter-failures.ts';

export interface Attribution {
  readonly actor: Actor;
  /** Only one reporter sees it: severity counts one step lower. */
  readonly single: boolean;
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
}

/**
 * Who can act, from reports alone: one reporter fails while others are clean on the same days → the sender. Anything else
 * waits for a probe, because from outside a fault of ours and one of our provider's look the same. An expired certificate
 * is never put down to the sender: a forgotten node looks like one, too.
 *
 * A report does not say which MX host its successful sessions reached. "Clean" therefore means: no failure of this
 * result type on this MX host, nor on one that the report does not name.
 */
export function attribute(facts: AttributionFacts): Attribution {
  const { rule, subject, run, hasData } = facts;
  const days = new Set(run.failures.map(({ row }) => row.day));
  const failing = new Set(run.reporters);
  const touched = new Set(run.reporters);
  const known = new Set<string>();
  for (const failure of facts.failures) {
    if (!days.has(failure.row.day) || !isSameFault(failure, subject)) continue;
    if (failure.filtered) known.add(failure.row.reporter);
    else if (failure.elevated) touched.add(failure.row.reporter);
    if (failure.crosses && !failure.filtered) failing.add(failure.row.reporter);
  }
  const policyTypes = new Set(run.failures.map(({ row }) => row.policy_type));
  const reported = (reporter: string) =>
    [...days].some((day) => [...policyTypes].some((type) => hasData(reporter, day, type)));
  const clean = facts.reporters.filter(
    (reporter) => !touched.has(reporter) && !known.has(reporter) && reported(reporter),
  );

  const single = failing.size === 1;
  const aloneAmongClean = single && touched.size === 1 && clean.length > 0;
  return { actor: aloneAmongClean && rule !== 'certificate-expired' ? 'sender' : 'unknown', single, clean };
}

/** The same result type, on this MX host or on one that one of the two does not name; for a rate of no single type any. */
function isSameFault(failure: ReporterFailure, subject: AttributionFacts['subject']): boolean {
  if (subject.result_type === null) return failure.crosses;
  if (failure.result_type !== subject.result_type) return false;
  return subject.mx === null || failure.mx === null || failure.mx === subject.mx;
}
