import type { Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import type { DomainFacts } from './plan/domain-plan.ts';
import type { Proposal } from './rollout/proposal.ts';

/**
 * Keys that stand in `dane.next_keys` and are next no more: a host presents them at every address, and none presents them
 * beside another. They are kept as keys in use now (docs/dane.md). Null when there is none, or it is not known.
 */
export function usedNextKeys(
  { tlsa }: Pick<DomainFacts, 'tlsa'>,
  { domain, file, dane }: Pick<DomainConfig, 'domain' | 'file' | 'dane'>,
  now: Instant,
): Proposal | null {
  const used = dane.next_keys.filter((key) => {
    const holders = tlsa.filter(({ in_use }) => in_use.includes(key));
    return holders.length > 0 && holders.every(({ in_use }) => in_use.length === 1);
  });
  if (used.length === 0) return null;
  const presents = (key: string) => tlsa.filter(({ in_use }) => in_use.includes(key)).map(({ host }) => host);
  const others = tlsa.filter(({ in_use }) => !used.some((key) => in_use.includes(key))).map(({ host }) => host);
  return {
    kind: 'next-keys',
    domain,
    file,
    edits: [{ kind: 'take', map: 'dane', key: 'next_keys', values: used }],
    title: `${domain}: the next key is in use`,
    summary: `The change of key is done, so the key is next no more. No TLSA record goes by this: that of the old key goes two TTLs after the first look without it.`,
    evidence: used.map((key) => ({
      kind: 'observation',
      at: now,
      text: `Every address of ${presents(key).join(', ')} presents the key ${key}.`,
      ref: null,
    })),
    checks: others.length === 0 ? [] : [`${others.join(', ')} will not change to this key.`],
  };
}
