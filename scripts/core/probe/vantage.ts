import type { Instant } from '../clock.ts';
import type { Observation, Outcome } from './observation.ts';
import { observation } from './observer.ts';
import type { Sighting } from './sighting.ts';

/** What can be seen from here at all. */
export interface Vantage {
  readonly name: string;
  /** Does port 25 lead out: does a control target answer? */
  readonly smtp_egress: Outcome;
  readonly ipv6: Outcome;
  /** Does the resolver refuse what DNSSEC proves wrong, and tell what it proves right? */
  readonly validating: Outcome;
}

const CODES = {
  smtp_egress: { subject: 'smtp-egress', bad: 'probe-blocked', unknown: 'control-unknown' },
  ipv6: { subject: 'ipv6', bad: 'no-ipv6', unknown: 'ipv6-unproven' },
  validating: { subject: 'dnssec', bad: 'not-validating', unknown: 'validation-unknown' },
} as const;

export function vantageRows(at: Instant, vantage: Vantage): readonly Observation[] {
  return (['smtp_egress', 'ipv6', 'validating'] as const).map((part) => {
    const outcome = vantage[part];
    const { subject, ...codes } = CODES[part];
    const code = outcome === 'ok' ? 'ok' : codes[outcome];
    return observation({ at, vantage: vantage.name, domain: null }, { kind: 'vantage', subject, outcome, code });
  });
}

/** Port 25 leads out when one of the control targets greets; where none could even be tried, nothing is known. */
export function egressOf(controls: readonly Outcome[]): Outcome {
  if (controls.includes('ok')) return 'ok';
  return controls.includes('bad') ? 'bad' : 'unknown';
}

const NO_CONNECTION = new Set(['connect-refused', 'connect-timeout', 'connect-unreachable']);

/** An MX host that does not answer says nothing where nobody answers. */
export function seenFrom({ smtp_egress }: Pick<Vantage, 'smtp_egress'>, sighting: Sighting): Sighting {
  if (smtp_egress !== 'bad' || !NO_CONNECTION.has(sighting.code)) return sighting;
  return { outcome: 'unknown', code: 'probe-blocked', facts: { ...sighting.facts, seen: sighting.code } };
}
