import type { RecordSet } from '../../core/dns/record-set.ts';
import { PosternError } from '../../core/failure.ts';

export type RecordSetKey = Pick<RecordSet, 'name' | 'type'>;

/** One record set as the provider holds it. Values are as in RecordSet: TXT joined and unquoted, CNAME without the root dot. */
export interface HeldRecords extends RecordSetKey {
  readonly values: readonly string[];
  /** Seconds; null when there is none. */
  readonly ttl: number | null;
  /** What the provider needs to name or to compare what it holds; nobody else looks into it. */
  readonly handle: unknown;
}

/** Who changes records in one zone. Every one is opened by open-provider.ts, which lets only our names through. */
export interface DnsProvider {
  readonly kind: string;
  readonly read: (key: RecordSetKey) => Promise<HeldRecords>;
  /**
   * Puts these values in the place of those held; none takes the set out. `conflict`: it is not as it was held any more,
   * and nothing was changed. Providers without compare-and-swap cannot tell.
   */
  readonly write: (held: HeldRecords, values: readonly string[], ttl: number) => Promise<'written' | 'conflict'>;
}

export function providerRefuses(kind: string, what: string, reason: string, cause?: unknown): PosternError {
  return new PosternError('dns-refused', `${kind}: ${what}: ${reason}`, {
    hint: `see that the zone exists there and that the credentials may change it`,
    exit: 3,
    cause,
  });
}

export function providerUnavailable(kind: string, what: string, reason: string, cause?: unknown): PosternError {
  return new PosternError('dns-unavailable', `${kind}: ${what}: ${reason}`, {
    hint: 'nothing was changed; the next run goes on from here',
    exit: 3,
    cause,
  });
}

/** After this the record is read again before anything else is tried. */
export function writeUnsure(kind: string, what: string, reason: string, cause?: unknown): PosternError {
  return new PosternError('dns-write-unsure', `${kind}: ${what}: it is not known whether this was done: ${reason}`, {
    hint: 'run the command again: it looks before it writes',
    exit: 3,
    cause,
  });
}

export function providerNotConfigured(kind: string, missing: string): PosternError {
  return new PosternError('dns-not-configured', `${kind}: ${missing} is not set.`, {
    hint: `set ${missing} in the environment; secrets never stand in files`,
    exit: 2,
  });
}
