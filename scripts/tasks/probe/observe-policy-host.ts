import type { HostingSettings } from '../../core/config/types.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import { caaFacts, caaNames, caaSightings } from '../../core/probe/caa-check.ts';
import { danglingSightings } from '../../core/probe/dangling-check.ts';
import type { Lookup, Resolver } from '../../core/probe/dns-lookup.ts';
import { isDefinite } from '../../core/probe/dns-lookup.ts';
import type { Observation } from '../../core/probe/observation.ts';
import type { Observer } from '../../core/probe/observer.ts';
import type { FetchedPolicy } from '../../core/probe/policy-fetch.ts';
import { checkPolicyHost } from '../../core/probe/policy-host-check.ts';
import { expectedBodies, isRetired } from '../../core/probe/policy-sync.ts';
import { fault, rowsOf, unanswered, unseen } from '../../core/probe/sighting.ts';

export interface PolicyHostProbe {
  readonly resolver: Resolver;
  /** `mta-sts.<policy domain>`. */
  readonly host: string;
  readonly fetchPolicy: (host: string, address: string) => Promise<FetchedPolicy>;
  readonly ledger: Ledger;
  /** The id that DNS shows, from the same look; null when none is known. */
  readonly announced_id: string | null;
  readonly thresholds: 'relative' | 'fixed';
  /** The kind of hosting in the settings; null without. */
  readonly hosting: HostingSettings['kind'] | null;
}

/** More addresses than any policy host has. */
const MAX_ADDRESSES = 16;

/** The policy host as a sender sees it, on each of its addresses (RFC 8461 §3.3), its aliases, and whether its CA may issue again. */
export async function observePolicyHost(observer: Observer, probe: PolicyHostProbe): Promise<readonly Observation[]> {
  const { resolver, host, ledger, announced_id, thresholds, hosting } = probe;
  const [v4, v6] = await Promise.all([resolver.lookup(host, 'A'), resolver.lookup(host, 'AAAA')]);
  const all = [...v4.records, ...v6.records];
  const addresses = all.slice(0, MAX_ADDRESSES);
  const detail = `${MAX_ADDRESSES} of ${all.length} addresses were looked at`;
  const cut = all.length > MAX_ADDRESSES ? [unseen('not-all-addresses', detail)] : [];
  const fetched = await Promise.all(addresses.map((address) => probe.fetchPolicy(host, address)));
  const expected = expectedBodies(ledger, announced_id, observer.at);
  const issuer = fetched.find(({ chain }) => chain?.names_host === true)?.chain?.certificates[0]?.issuer ?? null;
  const caa = { lookups: await caaLookups(resolver, host), issuer, hosting };
  const alias = v4.aliases.length > 0 || isDefinite(v4.status) ? v4 : v6;
  return [
    ...addressRows(observer, host, [v4, v6], isRetired(ledger)),
    ...cut.flatMap((one) => rowsOf(observer, { kind: 'policy', subject: host }, [one])),
    ...checkPolicyHost(observer, { host, fetched, expected, thresholds }),
    ...(isDefinite(alias.status)
      ? rowsOf(observer, { kind: 'cname', subject: host }, danglingSightings(alias, fetched), {
          aliases: alias.aliases.map(({ target }) => target),
        })
      : []),
    ...rowsOf(observer, { kind: 'caa', subject: host }, caaSightings(caa), caaFacts(caa)),
  ];
}

/** What the look-ups of the addresses tell; nothing when they give at least one and none failed. */
function addressRows(
  observer: Observer,
  host: string,
  lookups: readonly Lookup[],
  retired: boolean,
): readonly Observation[] {
  const on = { kind: 'policy', subject: host } as const;
  const failed = lookups.filter(({ status }) => !isDefinite(status));
  if (failed.length > 0)
    return failed.flatMap((lookup) => rowsOf(observer, on, [unanswered(lookup)], { type: lookup.type }));
  if (lookups.some(({ records }) => records.length > 0)) return [];
  if (retired) return rowsOf(observer, on, []);
  const aliases = lookups[0]?.aliases.map(({ target }) => target) ?? [];
  return rowsOf(observer, on, [fault('policy-host-dns', 'has neither an A nor an AAAA record', { aliases })]);
}

/** RFC 8659 §3: from the host upwards to the first name with records. */
async function caaLookups(resolver: Resolver, host: string): Promise<readonly Lookup<'CAA'>[]> {
  const lookups: Lookup<'CAA'>[] = [];
  for (const name of caaNames(host)) {
    const lookup = await resolver.lookup(name, 'CAA');
    lookups.push(lookup);
    if (lookup.records.length > 0 || !isDefinite(lookup.status)) break;
  }
  return lookups;
}
