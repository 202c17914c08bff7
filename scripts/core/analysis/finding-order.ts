import type { Finding } from '../finding.ts';
import { compare } from './reports-by-domain.ts';
import { level } from './severity.ts';

const STATES = { open: 0, recovering: 1, filtered: 2 } as const;
/** Whoever reads the list first can mend their own faults. */
const ACTORS = { you: 0, unknown: 1, provider: 2, sender: 3 } as const;

/** Most urgent first: state, severity, who can act, then how recent; the fingerprint makes the order total. */
export function byUrgency(a: Finding, b: Finding): number {
  return (
    STATES[a.state] - STATES[b.state] ||
    level(b.severity) - level(a.severity) ||
    ACTORS[a.actor] - ACTORS[b.actor] ||
    compare(b.last_seen, a.last_seen) ||
    compare(a.fingerprint, b.fingerprint)
  );
}
