import type { Instant } from '../clock.ts';
import type { Observation, ObservationKind, Outcome } from './observation.ts';

/** Who looks, when, and at which policy domain: what every row of one look shares. */
export interface Observer {
  readonly at: Instant;
  readonly vantage: string;
  /** Null for facts about the vantage itself. */
  readonly domain: string | null;
}

/** A row but for what the observer adds. */
export interface Seen {
  readonly kind: ObservationKind;
  readonly subject: string;
  readonly address?: string | null;
  readonly outcome: Outcome;
  readonly code: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export function observation({ at, vantage, domain }: Observer, seen: Seen): Observation {
  const { kind, subject, address, outcome, code, facts } = seen;
  return { at, vantage, domain, kind, subject, address: address ?? null, outcome, code, facts: facts ?? {} };
}
