import type { AuthorityServer } from '../../core/probe/authority-check.ts';
import { type AskServer, isDefinite, type Resolver } from '../../core/probe/dns-lookup.ts';

/** More than any zone has that is run with sense: thirteen names are what fits into one answer without EDNS. */
const MAX_SERVERS = 16;
const MAX_ADDRESSES = 48;
const MAX_ASKED = 2;

/**
 * The servers of the zone that holds a name, each on all its addresses; empty when that cannot be found out. Where none of
 * them answers, those of the zone above say who they should be. `onCut` is told how many are asked of how many, when it is
 * not all.
 */
export async function zoneServers(
  resolver: Resolver,
  askServer: AskServer,
  name: string,
  onCut: (asked: number, all: number) => void = () => {},
): Promise<readonly AuthorityServer[]> {
  const labels = name.split('.');
  let silent = false;
  for (let i = 0; i < labels.length; i++) {
    // Only to be told who should answer: a top-level domain holds none of our records.
    if (i === labels.length - 1 && !silent) break;
    const here = labels.slice(i).join('.');
    const found = await resolver.lookup(here, 'NS');
    silent ||= !isDefinite(found.status);
    // An alias has no servers of its own, and those of its target hold another zone.
    if (found.status !== 'answer' || found.aliases.length > 0) continue;
    const servers = await addressed(resolver, found.records, onCut);
    // A name below did not resolve, perhaps because the servers that this zone refers to do not hold theirs.
    const below = silent ? await referred(askServer, servers, name) : [];
    return below.length > 0 ? addressed(resolver, below, onCut) : servers;
  }
  return [];
}

async function referred(
  askServer: AskServer,
  servers: readonly AuthorityServer[],
  name: string,
): Promise<readonly string[]> {
  for (const { address } of servers.slice(0, MAX_ASKED)) {
    const { status, referral } = await askServer(address, name, 'SOA');
    if (referral !== undefined && referral.length > 0) return referral;
    if (isDefinite(status)) return [];
  }
  return [];
}

async function addressed(
  resolver: Resolver,
  names: readonly string[],
  onCut: (asked: number, all: number) => void,
): Promise<readonly AuthorityServer[]> {
  const all = [...new Set(names)].toSorted();
  const each = await Promise.all(all.slice(0, MAX_SERVERS).map((server) => addressesOf(resolver, server)));
  const asked = each.flat().slice(0, MAX_ADDRESSES);
  if (all.length > MAX_SERVERS) onCut(MAX_SERVERS, all.length);
  else if (asked.length < each.flat().length) onCut(asked.length, each.flat().length);
  return asked;
}

async function addressesOf(resolver: Resolver, server: string): Promise<readonly AuthorityServer[]> {
  const [v4, v6] = await Promise.all([resolver.lookup(server, 'A'), resolver.lookup(server, 'AAAA')]);
  return [...v4.records, ...v6.records].map((address) => ({ server, address }));
}
