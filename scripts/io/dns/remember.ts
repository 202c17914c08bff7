import type { Lookup, RecordType, Resolver } from '../../core/probe/dns-lookup.ts';

/** More names than a look at ten thousand domains needs. */
const MAX_KEPT = 200_000;

/**
 * The same resolver, asked once for each name and type: thousands of domains share their MX hosts. For one look only, a
 * second look needs a memory of its own, because it is meant to see what has changed.
 */
export function rememberLookups(resolver: Resolver): Resolver {
  const kept = new Map<string, Promise<Lookup>>();
  return {
    address: resolver.address,
    trusted: resolver.trusted,
    lookup: <T extends RecordType>(name: string, type: T) => {
      const key = `${type} ${name.toLowerCase()}`;
      const known = kept.get(key);
      if (known !== undefined) return known as Promise<Lookup<T>>;
      const asked = resolver.lookup(name, type);
      if (kept.size < MAX_KEPT) kept.set(key, asked);
      return asked;
    },
  };
}
