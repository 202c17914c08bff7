import { createHash } from 'node:crypto';
import {
  type DaneStanding,
  daneStanding,
  type HostLookups,
  isSearchOver,
  needsAliasLookup,
  tlsaBases,
} from '../../core/probe/dane-base.ts';
import type { Digest } from '../../core/probe/dane-check.ts';
import { daneRows, type PresentedAt } from '../../core/probe/dane-sightings.ts';
import type { Lookup, Resolver } from '../../core/probe/dns-lookup.ts';
import type { Observation, Outcome } from '../../core/probe/observation.ts';
import type { Observer } from '../../core/probe/observer.ts';
import { rowsOf, unseen } from '../../core/probe/sighting.ts';
import { tlsaOwnerName } from '../../standards/tlsa-record.ts';

export interface DaneProbe {
  /** The policy domain, which is the next hop of its mail. */
  readonly domain: string;
  readonly mx: Lookup<'MX'>;
  /** The MX hosts, by the names in the MX records. */
  readonly hosts: readonly string[];
  readonly resolver: Resolver;
  /** Whether the resolver validates, as observeValidation found: without, nothing about DANE can be known. */
  readonly validating: Outcome;
  /** What each host presented, at each of its addresses. */
  readonly presented: (host: string) => readonly PresentedAt[];
  /** `dane.required` of the configuration. */
  readonly required: boolean;
}

interface Gathered {
  readonly host: string;
  readonly standing: DaneStanding;
  readonly lookups: readonly Lookup[];
}

/** TLSA records of every MX host against what it presents (RFC 7672), once the chains are there. */
export async function observeDane(observer: Observer, probe: DaneProbe): Promise<readonly Observation[]> {
  const { domain, mx, hosts, validating, required, presented } = probe;
  if (validating !== 'ok') {
    const why = [unseen('not-validating', 'no validating resolver answers over a trusted path')];
    return hosts.flatMap((host) => rowsOf(observer, { kind: 'dane', subject: host }, why));
  }
  const gathered = await Promise.all(hosts.map((host) => gather(probe.resolver, host)));
  const some = gathered.some(({ standing }) => standing.kind === 'dane');
  const nextHop = [domain, ...mx.aliases.map(({ target }) => target)];
  return gathered.flatMap(({ host, standing, lookups }) =>
    daneRows(observer, {
      host,
      standing,
      mx,
      lookups: [mx, ...lookups],
      presented: presented(host),
      // The domain counts as a name only where its MX records prove that it led here (RFC 7672 §2.2.1).
      reference_names: [standing.kind === 'dane' ? standing.base : host, ...(mx.secure ? nextHop : [])],
      expected: some || required,
      digest,
    }),
  );
}

async function gather(resolver: Resolver, host: string): Promise<Gathered> {
  const [a, aaaa] = await Promise.all([resolver.lookup(host, 'A'), resolver.lookup(host, 'AAAA')]);
  const alias = needsAliasLookup({ a, aaaa }) ? await resolver.lookup(host, 'CNAME') : null;
  const lookups: HostLookups = { host, a, aaaa, alias };
  const tlsa: Lookup<'TLSA'>[] = [];
  for (const base of tlsaBases(lookups)) {
    const lookup = await resolver.lookup(tlsaOwnerName(base), 'TLSA');
    tlsa.push(lookup);
    if (isSearchOver(lookup)) break;
  }
  return { host, standing: daneStanding(lookups, tlsa), lookups: [a, aaaa, ...tlsa] };
}

const digest: Digest = (matchingType, bytes) =>
  createHash(matchingType === 1 ? 'sha256' : 'sha512')
    .update(bytes)
    .digest('hex');
