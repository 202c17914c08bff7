import type { JsonApi } from './json-api.ts';
import { fromPresentation, relativeName, toPresentation } from './presentation.ts';
import { type DnsProvider, providerRefuses } from './provider.ts';

export const DESEC_API = 'https://desec.io/api/v1';
const KIND = 'desec';

/** deSEC's own API (desec.readthedocs.io): record sets by zone, name and type; an empty one is no record set. */
export function desecProvider(api: JsonApi, zone: string): DnsProvider {
  let least: number | null = null;
  /** deSEC refuses TTLs below the zone's least one, an hour as a rule. */
  const leastTtl = async (): Promise<number> => {
    const found = (await api.get(`/domains/${zone}/`)) as { minimum_ttl?: unknown } | null;
    if (found === null) throw providerRefuses(KIND, zone, 'there is no such zone, or the token may not see it');
    return Number(found.minimum_ttl ?? 3600);
  };
  return {
    kind: KIND,
    read: async ({ name, type }) => {
      const found = (await api.get(`/domains/${zone}/rrsets/${subnameIn(name, zone) || '@'}/${type}/`)) as RRset | null;
      const values = (found?.records ?? []).map((record) => fromPresentation(type, record));
      return { name, type, values, ttl: found?.ttl ?? null, handle: null };
    },
    write: async ({ name, type }, values, ttl) => {
      least ??= await leastTtl();
      const records = values.map((value) => toPresentation(type, value));
      const change = { subname: subnameIn(name, zone), type, ttl: Math.max(ttl, least), records };
      // In bulk, a set is made, changed or removed by the same request.
      await api.send('PUT', `/domains/${zone}/rrsets/`, [change]);
      return 'written';
    },
  };
}

interface RRset {
  readonly records: readonly string[];
  readonly ttl: number;
}

function subnameIn(name: string, zone: string): string {
  const relative = relativeName(name, zone);
  if (relative === null) throw providerRefuses(KIND, name, `not in the zone ${zone}`);
  return relative === '@' ? '' : relative;
}
