import type { Instant } from '../core/clock.ts';
import type { DomainConfig, Settings } from '../core/config/types.ts';
import { mxRows } from '../core/probe/mx-rows.ts';
import type { Observation } from '../core/probe/observation.ts';
import { byPlace } from '../core/probe/observation-order.ts';
import type { Sighting } from '../core/probe/sighting.ts';
import { type Vantage, vantageRows } from '../core/probe/vantage.ts';
import type { Problem } from '../core/problem.ts';
import type { HostLook } from '../core/publish/lost-hosts.ts';
import { isInShard, type Shard } from '../core/shard.ts';
import { rememberLookups } from '../io/dns/remember.ts';
import { domainsAsked, settingsOf } from './domains-asked.ts';
import { loadConfiguration } from './load-configuration.ts';
import { lookAtVantage } from './probe/look-at-vantage.ts';
import { lookTwice, type Seen } from './probe/look-twice.ts';
import { openEyes } from './probe/open-eyes.ts';
import { storeObservations } from './probe/store-observations.ts';

export interface ProbeOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly domains: readonly string[];
  /** 1-based: this part of so many. */
  readonly shard: Shard;
  /** For the whole run; null: as long as it takes. */
  readonly budgetSeconds: number | null;
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

export interface ProbeResult {
  readonly observations: readonly Observation[];
  /** How many of them say that nothing could be seen. */
  readonly unknown: number;
  readonly vantage: Vantage;
  /** Rows that were not stored before. */
  readonly stored: number;
  readonly problems: readonly Problem[];
}

/**
 * Looks at everything a sender sees of the domains, a second time at what seemed bad, and stores what was seen. Throws
 * `configuration-invalid` or `domain-unknown` (exit 2), and what settings of the network can be wrong with.
 */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { root, data, now, shard } = options;
  const configuration = await loadConfiguration(root);
  const settings = settingsOf(configuration);
  const domains = domainsAsked(configuration, options.domains).filter(({ domain }) => isInShard(domain, shard));
  const eyes = await openEyes({ root, settings, now, environment: options.environment });
  try {
    const end =
      options.budgetSeconds === null ? Number.POSITIVE_INFINITY : performance.now() + options.budgetSeconds * 1000;
    const observer = { at: now, vantage: eyes.vantage };
    const round = () => ({ eyes, settings, data, observer, end, resolver: rememberLookups(eyes.resolver) });
    const place = lookAtVantage(eyes, settings);
    const validating = place.then((found) => found.validating);
    const seen = await lookTwice(domains, { settings, round, validating, end, progress: options.progress });
    const from = await place;
    const vantage: Vantage = { name: eyes.vantage, ...from, ipv6: ipv6Of(from.ipv6, seen.hosts) };
    const observations = [...vantageRows(now, vantage), ...rowsOf(seen, observer, vantage)].sort(byPlace);
    const hosts = { looks: hostLooks(seen, settings), configured: namesOf(configuration.domains) };
    const stored = options.dryRun ? 0 : await storeObservations({ data, now, settings, observations, hosts });
    const unknown = observations.filter(({ outcome }) => outcome === 'unknown').length;
    const problems = configuration.problems.filter(({ severity }) => severity === 'error');
    return { observations, unknown, vantage, stored, problems };
  } finally {
    await eyes.resolver.close();
  }
}

function hostLooks({ domains }: Seen, settings: Settings): readonly HostLook[] {
  return [...domains.values()].map(({ config, rows, ledger }) => {
    const hosting = config.hosting === null ? null : (settings.hosting[config.hosting]?.kind ?? null);
    return { domain: config.domain, rows, hosting, ledger };
  });
}

function namesOf(configs: readonly DomainConfig[]): ReadonlySet<string> {
  return new Set(configs.map(({ domain }) => domain));
}

function rowsOf(
  { domains, hosts }: Seen,
  observer: { readonly at: Instant; readonly vantage: string },
  vantage: Vantage,
) {
  const sightings = new Map(
    [...hosts].map(([name, { alias_of, lookups, addresses }]) => {
      const named = (sightings: readonly Sighting[]): readonly Sighting[] =>
        alias_of === null ? sightings : sightings.map((one) => ({ ...one, facts: { alias_of, ...one.facts } }));
      const atAddresses = [...addresses].map(([address, { sightings }]) => [address, named(sightings)] as const);
      return [name, new Map([...(lookups.length === 0 ? [] : [[null, named(lookups)] as const]), ...atAddresses])];
    }),
  );
  return [...domains].flatMap(([domain, { rows, mx }]) => [
    ...rows,
    ...mxRows({ ...observer, domain }, vantage, mx, sightings),
  ]);
}

/** One connection that stood proves more than any routing table. */
function ipv6Of(route: 'bad' | 'unknown', hosts: Seen['hosts']): Vantage['ipv6'] {
  const stood = [...hosts.values()].some(({ addresses }) =>
    [...addresses].some(([address, { reached }]) => reached && address.includes(':')),
  );
  return stood ? 'ok' : route;
}
