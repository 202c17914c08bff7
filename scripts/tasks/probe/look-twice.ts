import type { DomainConfig, Settings } from '../../core/config/types.ts';
import { confirmed, confirmedRows, unconfirmed, wantsSecondLook } from '../../core/probe/second-look.ts';
import { type DomainLook, type DomainQuestion, lookAtDomains } from './look-at-domains.ts';
import type { MxAddress } from './look-at-mx.ts';
import { type AddressLook, lookAtAddresses, lookAtMxHosts, type MxHostLook } from './look-at-mx-hosts.ts';

/** What was seen of domains and MX hosts, by name. */
export interface Seen {
  readonly domains: ReadonlyMap<string, DomainLook>;
  readonly hosts: ReadonlyMap<string, MxHostLook>;
}

/** Looks, and after a pause again at what seemed bad: only what both looks saw counts. `round` gives each look its own memory. */
export async function lookTwice(
  domains: readonly DomainConfig[],
  settings: Settings,
  round: () => Omit<DomainQuestion, 'onDone'>,
  end: number,
  progress: (text: string) => void,
): Promise<Seen> {
  const counter = (what: string, all: number) => {
    let done = 0;
    return () => progress(`probe: ${what} ${++done} of ${all}`);
  };
  const first = round();
  const looks = new Map(await lookAtDomains(domains, { ...first, onDone: counter('domain', domains.length) }));
  const names = [...new Set([...looks.values()].flatMap(({ mx }) => mx.map(({ host }) => host)))];
  const hosts = await lookAtMxHosts(names, { ...first, onDone: counter('MX address', names.length) });

  const doubtful = domains.filter(({ domain }) => wantsSecondLook(looks.get(domain)?.rows ?? []));
  const addresses = doubtfulAddresses(hosts);
  if (doubtful.length === 0 && addresses.length === 0) return { domains: looks, hosts };
  if (performance.now() + settings.network.second_look * 1000 >= end) return unconfirmedSeen({ domains: looks, hosts });

  progress(`probe: what seems wrong is looked at again in ${settings.network.second_look} s`);
  await new Promise((resolve) => setTimeout(resolve, settings.network.second_look * 1000));
  const second = round();
  const [again, addressesAgain] = await Promise.all([
    lookAtDomains(doubtful, { ...second, onDone: counter('second look at domain', doubtful.length) }),
    lookAtAddresses(addresses, { ...second, onDone: counter('second look at MX address', addresses.length) }),
  ]);
  for (const [domain, { rows, ...look }] of again)
    looks.set(domain, { ...look, rows: confirmedRows(looks.get(domain)?.rows ?? [], rows) });
  return { domains: looks, hosts: confirmedHosts(hosts, addressesAgain) };
}

function doubtfulAddresses(hosts: Seen['hosts']): readonly MxAddress[] {
  return [...hosts.values()].flatMap(({ host, addresses }) =>
    [...addresses].filter(([, { sightings }]) => wantsSecondLook(sightings)).map(([address]) => ({ host, address })),
  );
}

function confirmedHosts(hosts: Seen['hosts'], again: ReadonlyMap<MxAddress, AddressLook>): Seen['hosts'] {
  const looks = new Map([...hosts].map(([name, host]) => [name, { ...host, addresses: new Map(host.addresses) }]));
  for (const [{ host, address }, second] of again) {
    const first = looks.get(host)?.addresses.get(address)?.sightings ?? [];
    looks.get(host)?.addresses.set(address, { ...second, sightings: confirmed(first, second.sightings) });
  }
  return looks;
}

function unconfirmedSeen({ domains, hosts }: Seen): Seen {
  const rows = [...domains].map(([name, look]) => [name, { ...look, rows: unconfirmed(look.rows) }] as const);
  const looks = [...hosts].map(([name, host]) => {
    const addresses = [...host.addresses].map(
      ([address, one]) => [address, { ...one, sightings: unconfirmed(one.sightings) }] as const,
    );
    return [name, { ...host, addresses: new Map(addresses) }] as const;
  });
  return { domains: new Map(rows), hosts: new Map(looks) };
}
