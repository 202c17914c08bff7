import type { Seen } from '../policy/live-facts.ts';
import { type RecordSet, type WantedRecords, zoneLines } from './record-set.ts';

/** One record set that has to change. */
export interface DnsChange {
  readonly name: string;
  readonly type: RecordSet['type'];
  /** What stands there now; null: nothing, or, without `known`, nobody looked. Several values on a line each. Hostile text. */
  readonly before: string | null;
  /** What is to stand there; null: the record goes. */
  readonly after: string | null;
  readonly by: 'us' | 'person';
  /** Was the state in DNS seen? */
  readonly known: boolean;
  /** Seconds. */
  readonly ttl: number;
  readonly purpose: string;
  /** What a person pastes into the zone file; for a removal, the record to delete. */
  readonly lines: readonly string[];
}

/** What is in DNS now under a name and type. */
export type LiveSet = (name: string, type: RecordSet['type']) => Seen<readonly string[]>;

/**
 * Records that differ from what is wanted. One that nobody could look at counts as different only when `assume` says so:
 * a plan without network lists what a change needs, not everything there is.
 */
export function recordChanges(
  wanted: readonly WantedRecords[],
  live: LiveSet,
  assume: (records: WantedRecords) => boolean,
): readonly DnsChange[] {
  return wanted.flatMap((records) => {
    const { name, type, ttl, values, by, purpose } = records;
    const now = live(name, type);
    if (now.known ? sameSet(now.value, values) : !assume(records)) return [];
    const before = now.known ? joined(now.value) : null;
    return [
      { name, type, before, after: joined(values), by, known: now.known, ttl, purpose, lines: zoneLines(records) },
    ];
  });
}

/** A record set that has to go, unless it is known to be gone. */
export function recordRemoval(
  records: Omit<WantedRecords, 'values'>,
  now: Seen<readonly string[]>,
): readonly DnsChange[] {
  if (now.known && now.value.length === 0) return [];
  const values = now.known ? now.value : [];
  const { name, type, ttl, by, purpose } = records;
  const before = now.known ? joined(values) : null;
  const lines = values.length > 0 ? zoneLines({ name, type, ttl, values }) : [`${name}. ${type}`];
  return [{ name, type, before, after: null, by, known: now.known, ttl, purpose, lines }];
}

function joined(values: readonly string[]): string | null {
  return values.length === 0 ? null : [...values].sort().join('\n');
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && joined(a) === joined(b);
}
