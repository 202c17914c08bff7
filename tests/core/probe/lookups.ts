import type { Alias, Lookup, LookupStatus, RecordData, RecordType } from '#scripts/core/probe/dns-lookup.ts';

/** A look-up as a resolver gives it; secure unless said. */
export function lookup<T extends RecordType>(
  name: string,
  type: T,
  records: readonly RecordData[T][] | LookupStatus,
  more: Partial<Lookup<T>> = {},
): Lookup<T> {
  const status = typeof records === 'string' ? records : records.length > 0 ? 'answer' : 'nodata';
  const definite = status === 'answer' || status === 'nodata' || status === 'nxdomain';
  return {
    name,
    type,
    status,
    secure: definite,
    records: typeof records === 'string' ? [] : records,
    ttl: definite ? 300 : null,
    aliases: [],
    signed: null,
    errors: [],
    authoritative: false,
    detail: definite ? '' : status,
    ...more,
  };
}

export function aliases(...names: readonly string[]): readonly Alias[] {
  return names.slice(1).map((target, i) => ({ name: names[i] ?? '', target, ttl: 300 }));
}
