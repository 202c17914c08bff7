import { isDefinite, type Lookup } from './dns-lookup.ts';
import { fault, type Sighting, unanswered, unseen } from './sighting.ts';

/** A server that a zone names, on one of its addresses. */
export interface AuthorityServer {
  readonly server: string;
  readonly address: string;
}

/**
 * Whether a server that the zone names holds the zone at all (RFC 8499 §7, lame delegation); null when it does, and its
 * answer is worth judging. One that only stays silent may be silent to us alone.
 */
export function lameSighting({ server }: AuthorityServer, lookup: Lookup): Sighting | null {
  if (lookup.status === 'refused')
    return fault('dns-lame', `${server} does not hold the zone: ${lookup.detail}`, { server });
  if (!isDefinite(lookup.status)) {
    const sighting = unanswered(lookup);
    return { ...sighting, facts: { ...sighting.facts, server } };
  }
  return lookup.authoritative ? null : fault('dns-lame', `${server} answers without authority`, { server });
}

/** What one server of the zone says of a record set; `sightings` null when it could not be asked from here. */
export interface ServerView {
  readonly sightings: readonly Sighting[] | null;
}

/**
 * A fault that only the resolver shows is a copy, or a denial, that it keeps until its TTL is over (RFC 2308 §5): the domain
 * is right, and who asks tomorrow will see it. That is then the sighting in place of the fault; null when the servers of
 * the zone do not all show a sound record set, and the resolver's word stands.
 */
export function outdatedSighting(
  lookup: Lookup,
  resolved: readonly Sighting[],
  servers: readonly ServerView[],
): Sighting | null {
  if (!isDefinite(lookup.status) || !resolved.some(({ outcome }) => outcome === 'bad')) return null;
  const asked = servers.flatMap(({ sightings }) => (sightings === null ? [] : [sightings]));
  if (asked.length === 0 || !asked.every((sightings) => sightings.length === 0)) return null;
  const left = lookup.ttl === null ? '' : `, for ${lookup.ttl} s more`;
  const faults = resolved.map(({ code }) => code).join(', ');
  return unseen(
    'dns-cached',
    `the resolver keeps an older answer${left} (${faults}); every server of the zone has a sound one`,
  );
}
