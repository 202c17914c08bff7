import type { PresentedAt } from '../../core/probe/dane-sightings.ts';
import type { Resolver } from '../../core/probe/dns-lookup.ts';
import type { Observation, Outcome } from '../../core/probe/observation.ts';
import type { Observer } from '../../core/probe/observer.ts';
import type { DomainLook } from './look-at-domains.ts';
import type { MxHostLook } from './look-at-mx-hosts.ts';
import { observeDane } from './observe-dane.ts';

export interface DaneQuestion {
  readonly observer: Omit<Observer, 'domain'>;
  readonly resolver: Resolver;
  readonly validating: Outcome;
  readonly hosts: ReadonlyMap<string, MxHostLook>;
}

/** TLSA records of the MX hosts of each domain, against the chains that the same round saw. */
export async function lookAtDane(
  domains: readonly DomainLook[],
  { observer, resolver, validating, hosts }: DaneQuestion,
): Promise<ReadonlyMap<string, readonly Observation[]>> {
  const rows = domains.map(async ({ config, mx, mx_lookup }): Promise<[string, readonly Observation[]]> => {
    const { domain, dane } = config;
    if (mx_lookup === null) return [domain, []];
    const names = [...new Set(mx.map(({ host }) => host))];
    const presented = (host: string) => presentedBy(hosts.get(host));
    const probe = { domain, mx: mx_lookup, hosts: names, resolver, validating, presented, required: dane.required };
    return [domain, await observeDane({ ...observer, domain }, probe)];
  });
  return new Map(await Promise.all(rows));
}

/** A host that refuses TLS is none that a DANE client delivers to; one that could not be reached from here may be. */
function presentedBy(look: MxHostLook | undefined): readonly PresentedAt[] {
  return [...(look?.addresses ?? [])].map(([address, { chain, sightings }]) => {
    const refused = sightings.some(({ outcome }) => outcome === 'bad');
    const detail = sightings.map(({ code }) => code).join(', ');
    return { address, chain, without: chain !== null ? null : refused ? 'refused' : 'unknown', detail };
  });
}
