import { type Instant, parseInstant } from '#scripts/core/clock.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';

/** A sound look at mx1 of example.com from `home`; `changes` say what is different. */
export function observation(at: string, changes: Partial<Observation> = {}): Observation {
  return {
    at: instant(at),
    vantage: 'home',
    domain: 'example.com',
    kind: 'mx',
    subject: 'mx1.example.com',
    address: '192.0.2.1',
    outcome: 'ok',
    code: 'ok',
    facts: { certificate: { serial: '01' } },
    ...changes,
  };
}

export function instant(text: string): Instant {
  const at = parseInstant(text);
  if (at === null) throw new Error(`no date-time: ${text}`);
  return at;
}
