import type { JsonApi } from './json-api.ts';
import { fromPresentation, relativeName, toPresentation } from './presentation.ts';
import { type DnsProvider, providerRefuses } from './provider.ts';

export const HETZNER_API = 'https://api.hetzner.cloud/v1';
const KIND = 'hetzner';

interface RRset {
  readonly ttl: number | null;
  readonly records: readonly { readonly value: string }[];
}

/** Hetzner's Cloud API (docs.hetzner.cloud, DNS): record sets of a zone, each change an action of its own. */
export function hetznerProvider(api: JsonApi, zone: string): DnsProvider {
  const pathOf = (name: string, type: string): string => {
    const relative = relativeName(name, zone);
    if (relative === null) throw providerRefuses(KIND, name, `not in the zone ${zone}`);
    return `/zones/${zone}/rrsets/${encodeURIComponent(relative)}/${type}`;
  };
  return {
    kind: KIND,
    read: async ({ name, type }) => {
      const found = (await api.get(pathOf(name, type))) as { rrset: RRset } | null;
      const values = (found?.rrset.records ?? []).map(({ value }) => fromPresentation(type, value));
      return { name, type, values, ttl: found?.rrset.ttl ?? null, handle: found !== null };
    },
    write: async (held, values, ttl) => {
      const path = pathOf(held.name, held.type);
      const records = values.map((value) => ({ value: toPresentation(held.type, value) }));
      if (records.length === 0) await api.send('DELETE', path);
      else if (held.handle === true) {
        await api.send('POST', `${path}/actions/set_records`, { records });
        if (held.ttl !== ttl) await api.send('POST', `${path}/actions/change_ttl`, { ttl });
      } else {
        const name = relativeName(held.name, zone);
        await api.send('POST', `/zones/${zone}/rrsets`, { name, type: held.type, ttl, records });
      }
      return 'written';
    },
  };
}
