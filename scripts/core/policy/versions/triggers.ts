import { TRIGGERS, type Trigger } from './ledger-event.ts';

/** What the five triggers look at. */
export interface PolicyFacts {
  readonly mode: string;
  readonly max_age: number;
  readonly mx: readonly string[];
}

/**
 * Which of the five triggers (rollout rules §4) made a version. A first version is a new scope; so is a change of
 * wildcards. Exact hosts that came or went are `mx`; one that took the place of another is `certificate-name` too, because
 * the certificate must now carry that name: a renewal under the same names changes no policy (RFC 8461 §4.2).
 */
export function triggersOf(before: PolicyFacts | null, after: PolicyFacts): readonly Trigger[] {
  if (before === null) return ['scope'];
  const added = after.mx.filter((pattern) => !before.mx.includes(pattern));
  const removed = before.mx.filter((pattern) => !after.mx.includes(pattern));
  const exact = (patterns: readonly string[]) => patterns.some((pattern) => !pattern.startsWith('*.'));
  const found = new Set<Trigger>();
  if (before.mode !== after.mode) found.add('mode');
  if (before.max_age !== after.max_age) found.add('max-age');
  if (exact(added) || exact(removed)) found.add('mx');
  if (exact(added) && exact(removed)) found.add('certificate-name');
  if ([...added, ...removed].some((pattern) => pattern.startsWith('*.'))) found.add('scope');
  // The same patterns in another order, or written twice: other bytes all the same.
  if (found.size === 0) found.add('mx');
  return TRIGGERS.filter((trigger) => found.has(trigger));
}
