import { isDefinite, type Lookup } from './dns-lookup.ts';
import { fault, type Sighting, unanswered } from './sighting.ts';

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
