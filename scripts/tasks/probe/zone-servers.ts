import type { AuthorityServer } from '../../core/probe/authority-check.ts';
import type { Resolver } from '../../core/probe/dns-lookup.ts';

const MAX_SERVERS = 8;
const MAX_ADDRESSES = 16;

/** The servers of the zone that holds a name, each on all its addresses; empty when that cannot be found out. */
export async function zoneServers(resolver: Resolver, name: string): Promise<readonly AuthorityServer[]> {
  const labels = name.split('.');
  for (let i = 0; i < labels.length - 1; i++) {
    const found = await resolver.lookup(labels.slice(i).join('.'), 'NS');
    // An alias has no servers of its own, and those of its target hold another zone.
    if (found.status !== 'answer' || found.aliases.length > 0) continue;
    const servers = [...new Set(found.records)].toSorted().slice(0, MAX_SERVERS);
    const each = await Promise.all(servers.map((server) => addressesOf(resolver, server)));
    return each.flat().slice(0, MAX_ADDRESSES);
  }
  return [];
}

async function addressesOf(resolver: Resolver, server: string): Promise<readonly AuthorityServer[]> {
  const [v4, v6] = await Promise.all([resolver.lookup(server, 'A'), resolver.lookup(server, 'AAAA')]);
  return [...v4.records, ...v6.records].map((address) => ({ server, address }));
}
