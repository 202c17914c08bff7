import { isIP } from 'node:net';
import type { Resolver } from '../../core/probe/dns-lookup.ts';

/** The addresses of a host, IPv4 first; an address stands for itself. Empty when the name has none or is not known. */
export async function addressesOf(resolver: Resolver, host: string): Promise<readonly string[]> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return [bare];
  const [v4, v6] = await Promise.all([resolver.lookup(bare, 'A'), resolver.lookup(bare, 'AAAA')]);
  return [...v4.records, ...v6.records];
}
