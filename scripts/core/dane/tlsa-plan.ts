import { renderTlsaRecord, type TlsaRecord, tlsaOwnerName, tlsaUsability } from '../../standards/tlsa-record.ts';
import { epochMs, type Instant, instantOf } from '../clock.ts';
import type { RecordSet } from '../dns/record-set.ts';
import type { TlsaView } from './tlsa-view.ts';

/**
 * `publish`: the keys in use have no record. `publish-next`: the next key has none yet. `wait`: it has, and caches may
 * still hold the record set without it. `swap`: the key may be changed now. `settle`: the key was changed, and the old
 * record stays a while. `remove-old`: it may go. `unknown`: not everything was seen, so nothing is touched.
 */
type TlsaStep = 'steady' | 'publish' | 'publish-next' | 'wait' | 'swap' | 'settle' | 'remove-old' | 'unknown';

/** `seen`: what probes saw there. Something else was put there by somebody who knows more, and is not replaced. */
export interface TlsaRecordSet extends RecordSet {
  readonly seen: readonly string[];
}

export interface TlsaPlan {
  readonly host: string;
  readonly step: TlsaStep;
  /** The whole record set as it should be; null: leave what is there. */
  readonly records: TlsaRecordSet | null;
  /** The keys that the host presents at its addresses; empty when one of them was not seen. */
  readonly in_use: readonly string[];
  /** With `wait` and `settle`: when the next step is due. */
  readonly due_at: Instant | null;
  /** A phrase for a person. */
  readonly reason: string;
}

/** Seconds: short enough for a change within a day (RFC 7671 §13). */
export const TLSA_TTL = 3600;

/**
 * Two steps to another key (RFC 7672 §4, RFC 7671 §8): first its `3 1 1` record beside that of the key in use, then, two
 * TTLs later, the key itself on every listener. A record of a key that no host presents any more goes two TTLs after the
 * first look without it. What is not known is not removed: a record too many harms nobody, one too few stops mail.
 */
export function planTlsa(view: TlsaView, nextKeys: readonly string[], now: Instant): TlsaPlan {
  const { host, published, in_use, signed } = view;
  const current = in_use.includes(null) ? [] : [...new Set(in_use)].filter((key) => key !== null);
  const leave = (reason: string): TlsaPlan => {
    return { host, step: 'unknown', records: null, in_use: current, due_at: null, reason };
  };
  if (published === null) return leave(`the TLSA records of ${host} were not seen`);
  if (signed !== true) return leave(`the zone of ${host} is not signed, so that TLSA records would not count`);
  if (current.length === 0) return leave(`the key of ${host} was not seen at every address`);
  const waitMs = 2 * Math.max(TLSA_TTL, view.ttl) * 1000;
  const sinceOf = new Map(
    published.filter(({ record }) => isKeyRecord(record)).map(({ record, since }) => [record.data, since]),
  );
  const next = [...new Set(nextKeys.map((key) => key.toLowerCase()))].filter((key) => !current.includes(key));

  const isOld = (key: string) => epochMs(now) - epochMs(sinceOf.get(key) ?? now) >= waitMs;
  const missing = current.filter((key) => !sinceOf.has(key));
  const unready = next.filter((key) => !sinceOf.has(key));
  const usedUp = [...sinceOf.keys()].filter(
    (key) => !current.includes(key) && !next.includes(key) && view.gone_since.has(key),
  );
  const ageOf = (key: string) => epochMs(now) - epochMs(view.gone_since.get(key) ?? now);
  const gone = missing.length > 0 ? [] : usedUp.filter((key) => ageOf(key) >= waitMs && current.every(isOld));

  const kept = published.filter(
    ({ record }) => !(isKeyRecord(record) && gone.includes(record.data)) && tlsaUsability(record).usable,
  );
  const added = [...missing, ...unready].map((data): TlsaRecord => ({ usage: 3, selector: 1, matching_type: 1, data }));
  const values = [...new Set([...kept.map(({ record }) => record), ...added].map(renderTlsaRecord))].toSorted();
  const seen = [...new Set(published.map(({ record }) => renderTlsaRecord(record)))].toSorted();
  const records: TlsaRecordSet = { name: tlsaOwnerName(view.base), type: 'TLSA', ttl: TLSA_TTL, values, seen };
  const plan = (step: TlsaStep, reason: string, dueAt: number | null = null): TlsaPlan => {
    return { host, step, records, in_use: current, due_at: dueAt === null ? null : instantOf(dueAt), reason };
  };
  if (missing.length > 0) return plan('publish', `${host} presents a key without a TLSA record`);
  if (unready.length > 0) return plan('publish-next', `the next key of ${host} is published beside the one in use`);
  const young = next.filter((key) => !isOld(key)).map((key) => epochMs(sinceOf.get(key) ?? now) + waitMs);
  if (young.length > 0)
    return plan('wait', `the next key of ${host} has to stand for two TTLs before it is used`, Math.max(...young));
  if (next.length > 0) return plan('swap', `the next key of ${host} may now be put on every listener`);
  if (gone.length > 0) return plan('remove-old', `no address of ${host} presents the old key any more`);
  const waiting = usedUp.map((key) => epochMs(view.gone_since.get(key) ?? now) + waitMs);
  if (waiting.length > 0)
    return plan('settle', `the old record of ${host} stays until no cache needs it`, Math.max(...waiting));
  return plan('steady', `the TLSA records of ${host} fit the keys in use`);
}

function isKeyRecord({ usage, selector, matching_type }: TlsaRecord): boolean {
  return usage === 3 && selector === 1 && matching_type === 1;
}
