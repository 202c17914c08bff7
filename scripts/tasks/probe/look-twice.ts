import type { DomainConfig, Settings } from '../../core/config/types.ts';
import type { Outcome } from '../../core/probe/observation.ts';
import { confirmed, confirmedRows, unconfirmed, wantsSecondLook } from '../../core/probe/second-look.ts';
import { lookAtDane } from './look-at-dane.ts';
import { type DomainLook, type DomainQuestion, lookAtDomains } from './look-at-domains.ts';
import type { MxAddress } from './look-at-mx.ts';
import { type AddressLook, lookAtAddresses, lookAtMxHosts, type MxHostLook } from './look-at-mx-hosts.ts';

/** What was seen of domains and MX hosts, by name. */
export interface Seen {
  readonly domains: ReadonlyMap<string, DomainLook>;
  readonly hosts: ReadonlyMap<string, MxHostLook>;
}

export interface LookOptions {
  readonly settings: Settings;
  /** What one look shares: each has a memory of its own. */
  readonly round: () => Omit<DomainQuestion, 'onDone'>;
  readonly validating: Promise<Outcome>;
  readonly end: number;
  readonly progress: (text: string) => void;
}

/** Looks, and after a pause again at what seemed bad: only what both looks saw counts. */
export async function lookTwice(domains: readonly DomainConfig[], options: LookOptions): Promise<Seen> {
  const { settings, round, end, progress } = options;
  const first = round();
  const looks = await lookAtDomains(domains, { ...first, onDone: counter(options, 'domain') });
  const names = [...new Set([...looks.values()].flatMap(({ mx }) => mx.map(({ host }) => host)))];
  const hosts = await lookAtMxHosts(names, { ...first, onDone: counter(options, 'MX address') });
  const seen = { domains: await withDane(looks, hosts, first, options), hosts };

  const doubtful = domains.filter(({ domain }) => wantsSecondLook(seen.domains.get(domain)?.rows ?? []));
  const addresses = doubtfulAddresses(seen);
  if (doubtful.length === 0 && addresses.length === 0) return seen;
  if (performance.now() + settings.network.second_look * 1000 >= end) return unconfirmedSeen(seen);
  progress(`probe: what seems wrong is looked at again in ${settings.network.second_look} s`);
  await new Promise((resolve) => setTimeout(resolve, settings.network.second_look * 1000));
  return lookAgain(seen, doubtful, addresses, options);
}

async function lookAgain(
  seen: Seen,
  doubtful: readonly DomainConfig[],
  addresses: readonly MxAddress[],
  options: LookOptions,
): Promise<Seen> {
  const second = options.round();
  const [looks, atAddresses] = await Promise.all([
    lookAtDomains(doubtful, { ...second, onDone: counter(options, 'second look at domain') }),
    lookAtAddresses(addresses, { ...second, onDone: counter(options, 'second look at MX address') }),
  ]);
  const hosts = confirmedHosts(seen.hosts, atAddresses);
  const domains = new Map(seen.domains);
  for (const [domain, { rows, ...look }] of await withDane(looks, hosts, second, options))
    domains.set(domain, { ...look, rows: confirmedRows(seen.domains.get(domain)?.rows ?? [], rows) });
  return { domains, hosts };
}

/** The domains with their rows about DANE, which need the chains of the same look. */
async function withDane(
  looks: ReadonlyMap<string, DomainLook>,
  hosts: Seen['hosts'],
  { observer, resolver }: Omit<DomainQuestion, 'onDone'>,
  options: LookOptions,
): Promise<ReadonlyMap<string, DomainLook>> {
  const validating = await options.validating;
  const dane = await lookAtDane([...looks.values()], { observer, resolver, validating, hosts });
  return new Map(
    [...looks].map(([name, look]) => [name, { ...look, rows: [...look.rows, ...(dane.get(name) ?? [])] }]),
  );
}

/** Of a domain whose TLSA records do not match, every MX host: the chain may be what changes. */
function doubtfulAddresses({ domains, hosts }: Seen): readonly MxAddress[] {
  const all = new Set(
    [...domains.values()]
      .filter(({ rows }) => wantsSecondLook(rows.filter(({ kind }) => kind === 'dane')))
      .flatMap(({ mx }) => mx.map(({ host }) => host)),
  );
  return [...hosts.values()].flatMap(({ host, addresses }) =>
    [...addresses]
      .filter(([, { sightings }]) => all.has(host) || wantsSecondLook(sightings))
      .map(([address]) => ({ host, address })),
  );
}

function counter({ progress }: LookOptions, what: string): (all: number) => void {
  let done = 0;
  return (all) => progress(`probe: ${what} ${++done} of ${all}`);
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
