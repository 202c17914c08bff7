import { type MxPattern, matchesMx } from '../../../standards/mx-pattern.ts';
import { dayOf, epochMs, type Instant, instantOf } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { DomainFacts } from '../plan/domain-plan.ts';
import type { Ledger } from '../versions/ledger.ts';
import type { Looks } from './promotion-probes.ts';
import type { Proposal } from './proposal.ts';

/** Milliseconds that a sender may keep a message queued for a host that left DNS (RFC 5321 §4.5.4.1: four to five days). */
const QUEUE_MS = 5 * 86_400_000;
/** Milliseconds: an MX record's TTL where nobody saw it. */
const UNSEEN_TTL_MS = 86_400_000;
/** Milliseconds: a pattern that stands in the policy for less may be there for an MX that is still to come. */
const SETTLED_MS = 30 * 86_400_000;

interface Left {
  readonly pattern: MxPattern;
  /** Null: no probe of the window saw it in use. */
  readonly last_used: Instant | null;
}

/**
 * Patterns whose MX host left DNS long enough ago: first the record, then its TTL and the queues of senders, then the
 * policy (rollout rules §5). Only of an enforced policy: in testing another body would begin the clean days anew, and a
 * pattern too many does no harm there. A pattern that is new, or that anybody may still use, stays.
 */
export function narrowing(group: readonly DomainFacts[], config: DomainConfig, now: Instant): Proposal | null {
  if (!group.every(({ live }) => live?.mx.known === true && live.mx.value.kind === 'hosts')) return null;
  const left = config.mx.flatMap((pattern) => leftDns(pattern, group, now) ?? []);
  const kept = config.mx.filter((pattern) => !left.some((one) => one.pattern === pattern));
  if (left.length === 0 || kept.length === 0) return null;
  const gone = left.map(({ pattern }) => pattern).join(', ');
  return {
    kind: 'mx-narrowing',
    domain: config.domain,
    file: config.file,
    edits: [{ kind: 'list', key: 'mx', values: kept }],
    title: `${config.domain}: take ${left.length === 1 ? gone : `${left.length} MX patterns`} out of the policy`,
    summary: `Nothing in DNS matches ${gone} any more, for longer than the TTL of the MX records and the queues of senders. Whoever gets hold of such a name could still take mail under this policy.`,
    evidence: [
      ...left.map(({ pattern, last_used }) => ({
        kind: 'observation' as const,
        at: last_used ?? now,
        text: `${pattern} ${last_used === null ? 'was in use at no look of the last weeks' : 'was last seen in use'}.`,
        ref: null,
      })),
      ...group.map(({ domain, live }) => ({
        kind: 'observation' as const,
        at: live?.at ?? now,
        text: `MX of ${domain} in DNS: ${mxHosts(live).join(', ')}`,
        ref: null,
      })),
      { kind: 'config', at: dayOf(now), text: `mx in the file: ${config.mx.join(', ')}`, ref: config.file },
    ],
    checks: ['The MX will not come back, and no other domain delivers through it under this policy.'],
  };
}

/** Null: it is in use, or was lately, or that is not known. */
function leftDns(pattern: MxPattern, group: readonly DomainFacts[], now: Instant): Left | null {
  if (group.some(({ live }) => mxHosts(live).some((host) => matchesMx(pattern, host)))) return null;
  let latest: Instant | null = null;
  for (const facts of group) {
    const looks = (facts.observations ?? []).filter(({ kind, outcome }) => kind === 'mx-set' && outcome !== 'unknown');
    const waitMs = QUEUE_MS + ttlOf(looks);
    const oldest = instantOf(epochMs(now) - waitMs);
    // Whoever did not look that long ago cannot know how long it is gone.
    if (!looks.some(({ first }) => first <= oldest)) return null;
    const used = looks.filter((look) => hostsOf(look).some((host) => matchesMx(pattern, host)));
    for (const { at } of used) {
      if (at > oldest) return null;
      if (latest === null || at > latest) latest = at;
    }
    if (used.length === 0 && !isSettled(pattern, facts.ledger, now)) return null;
  }
  return { pattern, last_used: latest };
}

/** Did every version of the last 30 days carry this pattern? */
function isSettled(pattern: string, { versions }: Ledger, now: Instant): boolean {
  let since: Instant | null = null;
  for (const { mx, announced_at } of versions.filter(({ announced_at }) => announced_at !== null).toReversed()) {
    if (!mx.includes(pattern)) break;
    since = announced_at;
  }
  return since !== null && epochMs(now) - epochMs(since) >= SETTLED_MS;
}

function mxHosts(live: DomainFacts['live']): readonly string[] {
  return live?.mx.known === true ? live.mx.value.hosts.map(({ host }) => host) : [];
}

/** `facts.set` of an observation: hostile, as everything that was stored. */
function hostsOf({ facts }: Looks): readonly string[] {
  const set: unknown = facts['set'];
  if (!Array.isArray(set)) return [];
  return (set as readonly unknown[]).flatMap((one) => {
    const host = typeof one === 'object' && one !== null ? (one as Readonly<Record<string, unknown>>)['host'] : null;
    return typeof host === 'string' ? [host.toLowerCase()] : [];
  });
}

/** The longest that was seen, in milliseconds. */
function ttlOf(looks: readonly Looks[]): number {
  const seen = looks.flatMap(({ facts }) => (typeof facts['ttl'] === 'number' ? [facts['ttl'] * 1000] : []));
  return seen.length === 0 ? UNSEEN_TTL_MS : Math.max(...seen);
}
