import type { DomainConfig, Settings } from '../config/types.ts';

export interface Recipient {
  readonly address: string;
  readonly domains: ReadonlySet<string>;
  /** Reads about every domain, and about our own tasks. */
  readonly seesAll: boolean;
}

/** Who reads what: `digest.to` of the settings everything, `digest` of a domain that domain. Each address gets one mail. */
export function recipientsOf(configs: readonly DomainConfig[], { digest }: Settings): readonly Recipient[] {
  const all = new Set<string>(configs.map(({ domain }) => domain));
  const byAddress = new Map<string, { address: string; domains: Set<string> }>();
  for (const { domain, digest: addresses } of configs) {
    for (const address of addresses) {
      const known = byAddress.get(address.toLowerCase()) ?? { address, domains: new Set<string>() };
      known.domains.add(domain);
      byAddress.set(address.toLowerCase(), known);
    }
  }
  const everything = new Map(digest.to.map((address) => [address.toLowerCase(), address]));
  return [
    ...[...everything.values()].map((address) => ({ address, domains: all, seesAll: true })),
    ...[...byAddress].filter(([key]) => !everything.has(key)).map(([, one]) => ({ ...one, seesAll: false })),
  ].sort((a, b) => (a.address < b.address ? -1 : 1));
}
