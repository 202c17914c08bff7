import { reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import { addDays, dayOf, type Instant, instantOf } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { type LiveFacts, nothingSeen, seen } from '#scripts/core/policy/live-facts.ts';
import { judgePromotion, type Promotion } from '#scripts/core/policy/rollout/promotion.ts';
import type { Looks } from '#scripts/core/policy/rollout/promotion-probes.ts';
import { foldLedger, type Ledger } from '#scripts/core/policy/versions/ledger.ts';
import type { ObservationKind, Outcome } from '#scripts/core/probe/observation.ts';
import { config, onDays, type Said, span, view } from '../analysis/world.ts';
import { at, policy, published } from './ledger-events.ts';

/** A domain on its way to enforce where everything is green, and what a test changes about it. */

/** Reports up to 2026-11-19 are complete. */
export const NOW = at('2026-11-21T06:00:00Z');
export const MX = ['mx1.example.com', 'mx2.example.com'] as const;
export const TESTING = policy('testing', ...MX);

export function days(ago: number, until = 2): readonly string[] {
  return span(addDays(dayOf(NOW), -ago), addDays(dayOf(NOW), -until));
}

/** Google and Microsoft, 100 sessions each and day. */
export function clean(on: readonly string[]): readonly Said[] {
  return ['google.com', 'microsoft.com'].flatMap((reporter) => onDays(on, { reporter, successful: 100 }));
}

export function ago(daysAgo: number): Instant {
  return instantOf(Date.parse(NOW) - daysAgo * 86_400_000);
}

function testingSince(daysAgo: number): Ledger {
  return foldLedger(published(ago(daysAgo), TESTING));
}

export function look(kind: ObservationKind, subject: string, outcome: Outcome = 'ok', code = 'ok', from = 14): Looks {
  return {
    at: NOW,
    first: ago(from),
    looks: from * 24,
    vantage: 'here',
    domain: 'example.com',
    kind,
    subject,
    address: '192.0.2.1',
    outcome,
    code,
    facts: {},
  };
}

export const GREEN: readonly Looks[] = [
  look('mx', MX[0]),
  look('mx', MX[1]),
  look('policy', 'mta-sts.example.com'),
  look('dane', MX[0]),
];

export function liveWith(hosts: readonly string[], body: string | null, id: string | null): LiveFacts {
  const records = { aliases: [], ttl: 300 };
  return {
    ...nothingSeen(NOW, 'not asked'),
    mx: seen({ kind: 'hosts', hosts: hosts.map((host, index) => ({ host, preference: index * 10 })) }),
    mta_sts: seen({ ...records, values: id === null ? [] : [`v=STSv1; id=${id}`] }),
    tls_rpt: seen({ ...records, values: ['v=TLSRPTv1; rua=mailto:tls-reports@example.com'] }),
    served: seen({ body, addresses: body === null ? [] : [{ address: '192.0.2.1', code: 'ok' }] }),
    caa: seen([]),
  };
}

export interface World {
  readonly since?: number;
  readonly ledger?: Ledger;
  readonly said?: readonly Said[];
  readonly config?: Partial<DomainConfig>;
  readonly observations?: readonly Looks[] | null;
  readonly live?: LiveFacts | null;
}

export function promotion(world: World = {}): Promotion {
  const ledger = world.ledger ?? testingSince(world.since ?? 20);
  const { in_force } = ledger;
  return judgePromotion({
    now: NOW,
    config: config({ mode: 'enforce', max_age: 604_800, ...world.config }),
    ledger,
    reports: reportsByDomain(view(world.said ?? clean(days(19)), NOW))('example.com'),
    observations: world.observations === undefined ? GREEN : world.observations,
    live: world.live === undefined ? liveWith(MX, in_force?.body ?? null, in_force?.id ?? null) : world.live,
  });
}

/** What stands in the way, by name. */
export function open(result: Promotion): readonly string[] {
  return result.conditions.filter(({ state }) => state !== 'met').map(({ name, state }) => `${name} ${state}`);
}
