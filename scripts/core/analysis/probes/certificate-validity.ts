import { parseInstant } from '../../clock.ts';
import type { Validity } from '../../incidents/certificate-escalation.ts';
import type { Observation } from '../../probe/observation.ts';

/** From when to when the certificate that was presented is valid; null when none was, or not in a form that can be read. */
export function validityOf({ facts }: Pick<Observation, 'facts'>): Validity | null {
  const certificate = facts['certificate'];
  if (typeof certificate !== 'object' || certificate === null) return null;
  const { not_before, not_after } = certificate as Record<string, unknown>;
  const [from, to] = [not_before, not_after].map((text) => (typeof text === 'string' ? parseInstant(text) : null));
  return from == null || to == null ? null : { not_before: from, not_after: to };
}
