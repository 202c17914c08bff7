import { matchesMx } from '../../../standards/mx-pattern.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { FindingSubject } from '../../finding.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare } from '../reports-by-domain.ts';
import type { ReporterFailure } from './reporter-failures.ts';
import { isRecovered } from './threshold.ts';

/** Every failure that would be one finding: the same rule on the same MX host, policy host or reporter. */
export interface FailureGroup {
  readonly rule: string;
  readonly subject: Omit<FindingSubject, 'policy_type'>;
  readonly fingerprint: string;
  /** In the order of day, reporter and policy type. */
  readonly failures: readonly ReporterFailure[];
}

/** Anyone who can sign a mail can report any MX name. So many foreign names may become subjects of their own; ours always do. */
const FOREIGN_NAMES = 10;

/**
 * The failures of one domain by what they are about. A fault of the policy itself is about the policy host, whoever sees
 * it; any other about the MX host, when the report names one, else about its reporter.
 */
export function failureGroups(config: DomainConfig, failures: readonly ReporterFailure[]): readonly FailureGroup[] {
  const foreign = foreignNames(config, failures);
  const groups = new Map<string, { rule: string; subject: FailureGroup['subject']; failures: ReporterFailure[] }>();
  for (const failure of failures) {
    const subject = subjectOf(config, failure, foreign);
    const print = fingerprint(failure.rule, config.domain, subject);
    const group = groups.get(print);
    if (group === undefined) groups.set(print, { rule: failure.rule, subject, failures: [failure] });
    else addFailure(group.failures, failure);
  }
  return [...groups]
    .map(([print, group]) => ({ ...group, fingerprint: print }))
    .sort((a, b) => compare(a.fingerprint, b.fingerprint));
}

/** Failures of one reporter's day that came to the same subject are one: its sessions must not count twice. */
function addFailure(failures: ReporterFailure[], failure: ReporterFailure): void {
  const last = failures.at(-1);
  if (last?.row !== failure.row) {
    failures.push(failure);
    return;
  }
  const failed = Math.min(failure.row.failed, last.failed + failure.failed);
  const failing = !isRecovered(failed, failure.sessions, Math.max(last.usual, failure.usual));
  const crosses = failing && (last.crosses || failure.crosses);
  failures[failures.length - 1] = {
    ...last,
    mx: null,
    failed,
    failing,
    crosses,
    reasons: [...last.reasons, ...failure.reasons],
  };
}

function subjectOf(
  config: DomainConfig,
  failure: ReporterFailure,
  foreign: ReadonlySet<string>,
): FailureGroup['subject'] {
  const { result_type, mx } = failure;
  if (isPolicyFault(result_type)) {
    return { kind: 'policy-host', name: `mta-sts.${config.domain}`, mx: null, reporter: null, result_type };
  }
  if (mx !== null && (isOurs(config, mx) || foreign.has(mx)))
    return { kind: 'mx', name: mx, mx, reporter: null, result_type };
  return { kind: 'reporter', name: failure.row.reporter, mx: null, reporter: failure.row.reporter, result_type };
}

/** `sts-…` result types speak of the policy, not of a session with an MX host (RFC 8460 §4.3.2.2). */
export function isPolicyFault(resultType: string | null): boolean {
  return resultType?.startsWith('sts-') ?? false;
}

function isOurs(config: DomainConfig, mx: string): boolean {
  return config.mx.some((pattern) => matchesMx(pattern, mx));
}

/** The foreign MX names with most failed sessions. */
function foreignNames(config: DomainConfig, failures: readonly ReporterFailure[]): ReadonlySet<string> {
  const sessions = new Map<string, number>();
  for (const { mx, failed, crosses } of failures) {
    if (mx !== null && crosses && !isOurs(config, mx)) sessions.set(mx, (sessions.get(mx) ?? 0) + failed);
  }
  const most = [...sessions].sort(([a, m], [b, n]) => n - m || compare(a, b));
  return new Set(most.slice(0, FOREIGN_NAMES).map(([name]) => name));
}
