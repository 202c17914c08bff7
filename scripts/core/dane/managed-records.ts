import { renderTlsaRecord, tlsaOwnerName } from '../../standards/tlsa-record.ts';
import { epochMs, type Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import type { Trigger } from '../policy/versions/ledger-event.ts';
import { planTlsa, TLSA_TTL, type TlsaPlan, type TlsaRecordSet } from './tlsa-plan.ts';
import { type DaneLook, tlsaView } from './tlsa-view.ts';

/** Milliseconds: keys that were not looked at for longer may have been changed since. */
const LOOK_MS = 2 * 86_400_000;

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
    .map((host) =>
      isRecent(host, looks, now) ? planTlsa(tlsaView(host, looks), dane.next_keys, now) : unseenLately(host),
    );
}

function isRecent(host: string, looks: readonly DaneLook[], now: Instant): boolean {
  return looks.some(
    ({ kind, subject, at }) => kind === 'dane' && subject === host && epochMs(now) - epochMs(at) <= LOOK_MS,
  );
}

function unseenLately(host: string): TlsaPlan {
  const reason = `${host} was not probed for two days`;
  return { host, step: 'unknown', records: null, in_use: [], due_at: null, reason };
}

/**
 * The record sets to publish now. Never together with a version that changes the mode (rollout rules §5): when mail is
 * delayed then, nobody could tell which of the two did it.
 */
export function dueTlsa(
  plans: readonly TlsaPlan[],
  underway: { readonly triggers: readonly Trigger[] } | null,
): readonly TlsaRecordSet[] {
  if (underway?.triggers.includes('mode') === true) return [];
  return plans.flatMap(({ records }) => records ?? []);
}

/** The records that probes saw at an owner name, in presentation form; null when they saw none and no denial either. */
export function publishedTlsa(name: string, looks: readonly DaneLook[]): readonly string[] | null {
  for (const host of new Set(looks.flatMap(({ kind, subject }) => (kind === 'dane' ? [subject] : [])))) {
    const { base, published } = tlsaView(host, looks);
    if (tlsaOwnerName(base) === name) return published?.map(({ record }) => renderTlsaRecord(record)) ?? null;
  }
  return null;
}

/**
 * The record sets as a tool that keeps the whole zone should hold them: what is due, else what stands there, so that a host
 * that could not be seen loses nothing. `unknown`: why records may be missing, phrases.
 */
export function heldTlsa(
  { domain, dane }: Pick<DomainConfig, 'domain' | 'dane'>,
  looks: readonly DaneLook[],
  underway: { readonly triggers: readonly Trigger[] } | null,
  now: Instant,
): { readonly records: readonly TlsaRecordSet[]; readonly unknown: readonly string[] } {
  const plans = managedTlsa({ domain, dane }, looks, now);
  if (dane.managed && plans.length === 0)
    return { records: [], unknown: [`no probe has seen an MX host in the zone of ${domain}`] };
  const records: TlsaRecordSet[] = [];
  const unknown: string[] = [];
  for (const plan of plans) {
    const [due] = dueTlsa([plan], underway);
    const { base, published } = tlsaView(plan.host, looks);
    const standing = [...new Set((published ?? []).map(({ record }) => renderTlsaRecord(record)))].toSorted();
    const kept = { name: tlsaOwnerName(base), type: 'TLSA', ttl: TLSA_TTL, values: standing, seen: standing } as const;
    if (due !== undefined) records.push(due);
    else if (standing.length > 0) records.push(kept);
    else if (published === null) unknown.push(plan.reason);
  }
  return { records, unknown };
}
