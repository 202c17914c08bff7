import { join, resolve } from 'node:path';
import type { Instant } from '../../core/clock.ts';
import type { DomainConfig, Settings } from '../../core/config/types.ts';
import { MTA_STS_TTL, writesDns } from '../../core/dns/desired-records.ts';
import { isOurName } from '../../core/dns/our-names.ts';
import { type HostPlace, isSamePlace, placeOf } from '../../core/hosting/host-place.ts';
import { type PolicySite, policySite } from '../../core/hosting/policy-host-files.ts';
import type { DomainFacts } from '../../core/policy/plan/domain-plan.ts';
import { retirementStep } from '../../core/policy/rollout/retirement.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import { isDefinite } from '../../core/probe/dns-lookup.ts';
import { zoneOfName } from '../../core/publish/publish-job.ts';
import { createAskAuthority } from '../../io/dns/ask-authority.ts';
import { openProvider } from '../../io/dns-providers/open-provider.ts';
import type { DnsProvider } from '../../io/dns-providers/provider.ts';
import type { Hosting } from '../../io/hosting/hosting.ts';
import { addressesOf } from '../../io/net/addresses.ts';
import { appendLedger, domainsWithLedger, readLedger } from '../ledger.ts';
import { openOutside } from '../open-outside.ts';
import { lastConfiguration } from '../plan/facts.ts';
import { askPatientlyOnce } from './ask-patiently.ts';
import { atAuthorities } from './at-authorities.ts';
import { bundleHosting, policyHostFolder, workerHosting } from './file-hosting.ts';
import type { PublishWorld } from './world.ts';

export interface WorldOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly settings: Settings;
  /** Of those in this run. */
  readonly facts: readonly DomainFacts[];
  /** All that are configured. */
  readonly configs: readonly DomainConfig[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** More addresses than any policy host has. */
const MOST_ADDRESSES = 16;

/** The real outside. Providers and hostings are opened when they are first needed. Close it when done. */
export async function openWorld(
  options: WorldOptions,
): Promise<PublishWorld & { readonly close: () => Promise<void> }> {
  const { root, data, now, settings } = options;
  const outside = await openOutside(root, settings.network, now);
  const { resolver } = outside;
  const { dns_port: port, allow_private } = settings.network;
  const ask = askPatientlyOnce(createAskAuthority({ port, allow_private }));
  const sites = publishedSites(options);
  const hosting = remembered((place) => openHosting(place, sites, options));
  return {
    now,
    hosting,
    keepFiles: async () => {
      for (const name of Object.keys(settings.hosting)) {
        const place = placeOf(name, settings);
        if (place?.kind === 'bundle' || place?.kind === 'worker') await (await hosting(place))?.keep?.();
      }
    },
    provider: (config, name) => openDns(config, name, options),
    fetchBody: async (host) => {
      const addresses = (await addressesOf(resolver, host)).slice(0, MOST_ADDRESSES);
      return Promise.all(addresses.map((address) => outside.fetchBody(host, address)));
    },
    atAuthorities: (record) => atAuthorities(record, resolver, ask),
    nameExists: async (name) => {
      const [v4, v6] = await Promise.all([resolver.lookup(name, 'A'), resolver.lookup(name, 'AAAA')]);
      if ([v4, v6].some(({ records, aliases }) => records.length + aliases.length > 0)) return true;
      return isDefinite(v4.status) && isDefinite(v6.status) ? false : null;
    },
    record: (domain, events) => appendLedger(data, domain, events),
    close: outside.close,
  };
}

function remembered<T>(open: (place: HostPlace | null) => Promise<T>): (place: HostPlace | null) => Promise<T> {
  const opened = new Map<string, Promise<T>>();
  return (place) => {
    const key = JSON.stringify(place);
    const known = opened.get(key) ?? open(place);
    opened.set(key, known);
    return known;
  };
}

async function openHosting(
  place: HostPlace | null,
  published: ReturnType<typeof publishedSites>,
  options: WorldOptions,
): Promise<Hosting | null> {
  const { root, data, environment } = options;
  if (place === null) return null;
  switch (place.kind) {
    case 'pages-fleet': {
      const [{ openGitHub }, { pagesFleet }] = await Promise.all([
        import('../connect-github.ts'),
        import('../../io/hosting/pages-fleet.ts'),
      ]);
      return pagesFleet(await openGitHub(data, environment, place.owner), place);
    }
    case 'pages-here': {
      const [{ openGitHub }, { pagesHere }] = await Promise.all([
        import('../connect-github.ts'),
        import('../../io/hosting/pages-here.ts'),
      ]);
      return policyHostFolder(join(root, 'dist'), pagesHere(await openGitHub(data, environment)));
    }
    case 'bundle':
      return bundleHosting(
        { out: join(root, 'dist'), server: place.server, served_from: bundleFolder(root, environment) },
        await published(place),
      );
    case 'worker':
      return workerHosting(join(root, 'dist'), await published(place));
  }
}

/**
 * What the ledgers say should be served by a hosting now, also for domains that are not in this run: those that are to stand
 * there, and those that are on their way elsewhere and still held there. A file that is gone or has errors takes no host
 * away: what is not known to stand elsewhere stays.
 */
function publishedSites({ root, data, now, settings, facts, configs }: WorldOptions) {
  const known = new Map<string, string | null>(configs.map(({ domain, hosting }) => [domain, hosting]));
  const former = new Map(facts.map(({ domain, last }) => [domain, last]));
  const isAt = (name: string | null, place: HostPlace) => isSamePlace(placeOf(name, settings), place);
  return async (place: HostPlace): Promise<readonly PolicySite[]> => {
    const sites: PolicySite[] = [];
    for (const domain of domainsWithLedger(data)) {
      const ledger = readLedger(data, domain);
      const configured = known.get(domain);
      const isHeld = ledger.hosts.held.some((one) => isSamePlace(one, place));
      if (configured !== undefined && !isHeld && !isAt(configured, place)) continue;
      const body = bodyInService(ledger, now);
      if (body === null) continue;
      const last = configured === undefined ? (former.get(domain) ?? (await lastConfiguration(root, domain))) : null;
      if (isHeld || last === null || isAt(last.hosting, place)) sites.push(policySite(domain, body));
    }
    return sites;
  };
}

/** Where the bundle stands on the machine that serves it. */
function bundleFolder(root: string, environment: WorldOptions['environment']): string {
  return environment['POSTERN_BUNDLE'] || resolve(root, 'dist');
}

/** Also that of a policy whose TXT record is gone, as long as a cache may hold it (RFC 8461 §8.3). */
function bodyInService(ledger: Ledger, now: Instant): string | null {
  if (ledger.current !== null) return ledger.current.body;
  const { step } = retirementStep({ ledger, now, txt_ttl: MTA_STS_TTL, host_name_exists: null });
  return step === 'wait-ttl' ? (ledger.versions.at(-1)?.body ?? null) : null;
}

async function openDns(config: DomainConfig, name: string, options: WorldOptions): Promise<DnsProvider | null> {
  const { settings, environment } = options;
  const provider = config.dns === null ? undefined : settings.dns[config.dns];
  if (provider === undefined || !writesDns(config, settings)) return null;
  const zone = 'zone' in provider ? provider.zone : null;
  return openProvider(provider, {
    environment,
    zone: zone ?? zoneOfName(name, config.domain, settings),
    isOurs: (asked) => isOurName(asked, config, settings.delegation_zone, config.mx),
  });
}
