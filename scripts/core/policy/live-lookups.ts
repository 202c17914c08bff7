import { isDefinite, type Lookup } from '../probe/dns-lookup.ts';
import { type LiveCaa, type LiveMx, type LiveRecords, type Seen, seen, unseen } from './live-facts.ts';

/** Answers of the DNS as facts about a domain: what is no answer is not known, and says why. */

/** RFC 5321 §5.1: without MX records the domain itself is the host, when it has an address. RFC 7505: null MX. */
export function liveMx(domain: string, mx: Lookup<'MX'>, addresses: readonly Lookup[]): Seen<LiveMx> {
  if (!isDefinite(mx.status)) return unseen(whyNot(mx));
  const hosts = mx.records
    .map(({ exchange, preference }) => ({ host: exchange, preference }))
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
  const real = hosts.filter(({ host }) => host !== '.');
  if (real.length > 0) return seen({ kind: 'hosts', hosts: real });
  if (hosts.length > 0) return seen({ kind: 'null', hosts: [] });
  if (addresses.some(({ records }) => records.length > 0))
    return seen({ kind: 'implicit', hosts: [{ host: domain, preference: 0 }] });
  const blind = addresses.find(({ status }) => !isDefinite(status));
  return blind === undefined ? seen({ kind: 'absent', hosts: [] }) : unseen(whyNot(blind));
}

export function liveTxt(lookup: Lookup<'TXT'>): Seen<LiveRecords> {
  if (!isDefinite(lookup.status)) return unseen(whyNot(lookup));
  return seen({ values: lookup.records, aliases: lookup.aliases.map(({ target }) => target), ttl: lookup.ttl });
}

/** One family may be missing; both failing is not known. */
export function liveHost(lookups: readonly (Lookup<'A'> | Lookup<'AAAA'>)[]): Seen<LiveRecords> {
  const definite = lookups.filter(({ status }) => isDefinite(status));
  const values = definite.flatMap(({ records }) => records as readonly string[]);
  const blind = lookups.find(({ status }) => !isDefinite(status));
  if (values.length === 0 && blind !== undefined) return unseen(whyNot(blind));
  const aliases = definite[0]?.aliases.map(({ target }) => target) ?? [];
  return seen({ values, aliases, ttl: definite[0]?.ttl ?? null });
}

/** The records found at the first name upwards that has any (RFC 8659 §3): `lookups` in that order. */
export function liveCaa(lookups: readonly Lookup<'CAA'>[]): Seen<readonly LiveCaa[]> {
  for (const lookup of lookups) {
    if (!isDefinite(lookup.status)) return unseen(whyNot(lookup));
    if (lookup.records.length > 0) return seen(lookup.records);
  }
  return seen([]);
}

/** Signed and validated? Without a resolver whose word counts, nobody knows. */
export function liveSecure(trusted: boolean, lookup: Lookup): Seen<boolean> {
  if (!trusted) return unseen('the resolver stands neither on loopback nor behind TLS');
  return isDefinite(lookup.status) ? seen(lookup.secure) : unseen(whyNot(lookup));
}

function whyNot({ type, name, status, detail }: Lookup): string {
  return `${type} ${name}: ${detail === '' ? status : `${status}, ${detail}`}`;
}
