import { reviewDomains } from '#scripts/core/analysis/review.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { foldLedger, type Ledger } from '#scripts/core/policy/versions/ledger.ts';
import type { Standing } from '#scripts/core/probe/standing.ts';
import type { Review } from '#scripts/core/review.ts';
import { config, DOMAIN, instant, NOW, type Said, view } from './world.ts';

/** What a probe saw last: `2026-11-21T05:00:00Z`, an hour before the review. */
export const LOOK = instant('2026-11-21T05:00:00Z');

type Writing = Partial<Omit<Standing, 'at' | 'since' | 'last_look' | 'cleared'>> & {
  readonly at?: string;
  readonly since?: string;
  readonly last_look?: string;
  readonly cleared?: readonly [looks: number, first: string, last: string];
};

/** A fault at mx1 that stands, unless something else is said. */
export function saw(code: string, changes: Writing = {}): Standing {
  const { at = LOOK, since = at, last_look = at, cleared, ...rest } = changes;
  return {
    vantage: 'home',
    domain: DOMAIN,
    kind: 'mx',
    subject: 'mx1.example.com',
    address: '192.0.2.1',
    outcome: code === 'ok' ? 'ok' : 'bad',
    code,
    facts: {},
    looks: 1,
    ...rest,
    at: instant(at),
    since: instant(since),
    last_look: instant(last_look),
    cleared:
      cleared === undefined ? null : { looks: cleared[0], first: instant(cleared[1]), last: instant(cleared[2]) },
  };
}

/** mx1 before mx2. */
export const MX_SET = saw('ok', {
  kind: 'mx-set',
  subject: DOMAIN,
  address: null,
  facts: {
    set: [
      { preference: 10, host: 'mx1.example.com', backup: false },
      { preference: 20, host: 'mx2.example.com', backup: true },
    ],
  },
});

/** A ledger with one version in force. */
export function inForce(mode: 'testing' | 'enforce', at = '2026-10-01T00:00:00Z'): Ledger {
  const version = { id: '20261001000000', sha256: 'a'.repeat(64) };
  const mx = ['mx1.example.com', 'mx2.example.com'];
  return foldLedger([
    {
      at: instant(at),
      event: 'minted',
      ...version,
      body: '',
      mode,
      max_age: 86_400,
      mx,
      triggers: ['mode'],
      commit: 'c0ffee0',
      pull_request: 7,
    },
    { at: instant(at), event: 'announced', ...version },
  ]);
}

export function reviewSeen(
  standings: readonly Standing[],
  {
    changes = {},
    ledger,
    said = [],
  }: { changes?: Partial<DomainConfig>; ledger?: Ledger; said?: readonly Said[] } = {},
): Review {
  const ledgers = new Map(ledger === undefined ? [] : [[DOMAIN as string, ledger]]);
  return reviewDomains({ domains: [config(changes)], reports: view(said), now: NOW, standings, ledgers });
}

export function found(...[standings, more]: Parameters<typeof reviewSeen>): readonly Finding[] {
  return reviewSeen(standings, more).findings.filter(({ rule }) => rule !== 'rollout-stalled');
}

/** `rule severity state subject` of each, sorted. */
export function inShort(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ rule, severity, state, subject }) => `${rule} ${severity} ${state} ${subject.name}`).sort();
}
