import type { DomainName } from '../standards/domain-name.ts';
import type { Day, Instant } from './clock.ts';

export type Severity = 'sev1' | 'sev2' | 'sev3';
export type Actor = 'you' | 'sender' | 'provider' | 'unknown';

/** A judgement about one subject, derived from observations, reports and configuration. */
export interface Finding {
  /** A result type of RFC 8460 §4.3, or a fault id of the playbook. */
  readonly rule: string;
  /** Null when one cause touches several: then see `domains`. */
  readonly domain: DomainName | null;
  readonly domains: readonly DomainName[];
  readonly subject: FindingSubject;
  readonly severity: Severity;
  readonly state: 'open' | 'filtered' | 'recovering';
  /** First and last day of the facts, not of the run. */
  readonly since: Day;
  readonly last_seen: Day;
  readonly detected_at: Instant;
  readonly actor: Actor;
  /** One sentence: what is wrong, where, how much. Our words; text from reports only in `evidence`. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** What to do, in the imperative. */
  readonly action: string;
  /** rule + domain + MX or reporter + result type; never a day, a count, a severity or an actor. */
  readonly fingerprint: string;
  /** Of several domains: the fingerprints that it would have at each of them alone, or at fewer of them; some at most. */
  readonly joins?: readonly string[];
  /** Groups findings of one cause; null when alone. */
  readonly incident: string | null;
}

export interface FindingSubject {
  readonly kind: 'mx' | 'reporter' | 'domain' | 'policy-host' | 'task';
  readonly name: string;
  readonly mx: string | null;
  readonly reporter: string | null;
  readonly result_type: string | null;
  readonly policy_type: string | null;
}

export interface Evidence {
  readonly kind: 'report' | 'observation' | 'config' | 'ledger';
  readonly at: Instant | Day;
  /** May hold hostile text: every surface escapes it. */
  readonly text: string;
  /** What it can be traced to: a report's SHA-256, a file, a commit. */
  readonly ref: string | null;
}

/** Everything it may have been told under before, when it touched other domains. */
export function namesOf({ fingerprint, joins = [] }: Finding): readonly string[] {
  return [fingerprint, ...joins];
}

/** Does it want someone now? `review` then exits 1. */
export function isUrgent({ state, severity }: Finding): boolean {
  return state === 'open' && severity !== 'sev3';
}
