import { renderTlsaRecord, tlsaOwnerName } from '../../standards/tlsa-record.ts';
import type { Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import { planTlsa, type TlsaPlan } from './tlsa-plan.ts';
import { type DaneLook, tlsaView } from './tlsa-view.ts';

/**
 * With `dane.managed`, what is planned for each MX host of the domain that stands in its own zone: Postern writes no other.
 * `looks`: what probes saw of the domain, at least since two TTLs before the last change.
 */
export function managedTlsa(
  { domain, dane }: Pick<DomainConfig, 'domain' | 'dane'>,
  looks: readonly DaneLook[],
  now: Instant,
): readonly TlsaPlan[] {
  if (!dane.managed) return [];
  const hosts = new Set(looks.flatMap(({ kind, subject }) => (kind === 'dane' ? [subject] : [])));
  return [...hosts]
    .filter((host) => host === domain || host.endsWith(`.${domain}`))
    .toSorted()
    .map((host) => planTlsa(tlsaView(host, looks), dane.next_keys, now));
}

/** The records that probes saw at an owner name, in presentation form; null when they saw none and no denial either. */
export function publishedTlsa(name: string, looks: readonly DaneLook[]): readonly string[] | null {
  for (const host of new Set(looks.flatMap(({ kind, subject }) => (kind === 'dane' ? [subject] : [])))) {
    const { base, published } = tlsaView(host, looks);
    if (tlsaOwnerName(base) === name) return published?.map(({ record }) => renderTlsaRecord(record)) ?? null;
  }
  return null;
}
