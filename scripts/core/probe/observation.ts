import type { Instant } from '../clock.ts';

/** What an observation is about (data/README.md, Observations). */
export const OBSERVATION_KINDS = [
  'mx-set',
  'mx',
  'policy',
  'txt',
  'tlsrpt',
  'dane',
  'caa',
  'cname',
  'vantage',
] as const;
export type ObservationKind = (typeof OBSERVATION_KINDS)[number];

/** `unknown` says that nothing could be seen, and `code` why: never a fault of the domain. */
export type Outcome = 'ok' | 'bad' | 'unknown';

/** One dated fact that a probe saw: never a judgement. Several faults of one subject are several rows. */
export interface Observation {
  readonly at: Instant;
  /** The named point of view. */
  readonly vantage: string;
  /** The policy domain; null for facts about the vantage itself. */
  readonly domain: string | null;
  readonly kind: ObservationKind;
  /** A host name. */
  readonly subject: string;
  /** A bare IPv4 or IPv6 address, or null where the fact is about no address. */
  readonly address: string | null;
  readonly outcome: Outcome;
  /** `ok`, a fault id of the playbook, or the reason of an unknown. */
  readonly code: string;
  /** What was seen, by kind: JSON values only. May hold hostile text. */
  readonly facts: Readonly<Record<string, unknown>>;
}
