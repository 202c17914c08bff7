import type { DomainName } from '../../standards/domain-name.ts';
import type { Instant } from '../clock.ts';
import type { DomainConfig, Settings } from '../config/types.ts';
import { dueTlsa } from '../dane/managed-records.ts';
import { desiredRecords, HOST_PURPOSE, hostTarget, MTA_STS_TTL } from '../dns/desired-records.ts';
import { delegatedNames, ourNames } from '../dns/our-names.ts';
import type { WantedRecords } from '../dns/record-set.ts';
import { type HostMove, hostMove } from '../hosting/host-move.ts';
import { type HostPlace, placeOf } from '../hosting/host-place.ts';
import type { DomainFacts } from '../policy/plan/domain-plan.ts';
import { isBodyLost } from '../policy/plan/host-plan.ts';
import type { DomainPlan } from '../policy/plan/plan.ts';
import { retirementStep } from '../policy/rollout/retirement.ts';
import type { HostClaims } from '../policy/versions/host-claims.ts';
import type { Ledger, PolicyVersion } from '../policy/versions/ledger.ts';

/** What is left to do for one domain, whether it was begun in this run or in one that was killed. */
export type PublishJob =
  /** A version that is not in force yet, or one whose records or served bytes are not right any more. */
  | {
      readonly kind: 'publish';
      readonly domain: DomainName;
      readonly config: DomainConfig;
      readonly version: PolicyVersion;
      readonly records: readonly WantedRecords[];
      /** The host's name is to lead elsewhere: its new place is claimed and filled first, whatever the old one serves. */
      readonly moves: boolean;
      /** Where the policy host stands; null: somebody else serves it. */
      readonly place: HostPlace | null;
      /** What the ledger says of where it stood. */
      readonly hosts: HostClaims;
      /** From where it comes, while that is not over. */
      readonly move: HostMove | null;
      /** The names that lead to the hosting: the host's own, and its twin in our zone. */
      readonly host_names: readonly string[];
    }
  /** The file is gone and every cached policy has expired. `last`: its configuration before; null: not known. */
  | {
      readonly kind: 'remove';
      readonly domain: DomainName;
      readonly last: DomainConfig | null;
      /** Its hosting then. */
      readonly place: HostPlace | null;
      readonly ledger: Ledger;
    };

/**
 * `ledger`: with the version of the plan minted already. Null: nothing is left to do, or it is refused. What is refused
 * does not touch what is in force: its body is put back where it was lost.
 */
export function publishJob(
  plan: DomainPlan,
  facts: Pick<DomainFacts, 'config' | 'problems' | 'last' | 'tlsa' | 'live' | 'base'>,
  ledger: Ledger,
  context: { readonly settings: Settings; readonly repository_owner: string | null; readonly now: Instant },
): PublishJob | null {
  const { domain } = plan;
  const { config, problems, last, tlsa, live } = facts;
  if (problems.length > 0) return null;
  const isRefused = plan.refusals.length > 0;
  if (config === null) {
    if (isRefused || ledger.versions.length === 0) return null;
    const facts = { ledger, now: context.now, txt_ttl: MTA_STS_TTL, host_name_exists: null };
    const place = placeOf(last?.hosting ?? null, context.settings);
    return retirementStep(facts).step === 'removed' ? null : { kind: 'remove', domain, last, place, ledger };
  }
  const version = ledger.current;
  if (version === null) return null;
  const isInForce = version.first_served_at !== null && version.announced_at !== null;
  const isLost = isInForce && isBodyLost(ledger, live);
  const { settings, repository_owner } = context;
  const common = {
    kind: 'publish',
    domain,
    config,
    version,
    hosts: ledger.hosts,
    host_names: hostNames(config, settings),
  } as const;
  const configured = placeOf(config.hosting, settings);
  if (isRefused) {
    // Put back where it stood: to move it is part of what is refused.
    const place = ledger.hosts.place === undefined ? configured : ledger.hosts.place;
    return isLost ? { ...common, records: [], moves: false, place, move: null } : null;
  }
  const move = hostMove(facts, ledger, settings, repository_owner);
  if (isInForce && plan.dns.length === 0 && !isLost && move === null) return null;
  const target = hostTarget(config, settings, repository_owner);
  const due = dueTlsa(tlsa, version.announced_at === null ? version : null);
  const records = desiredRecords({ config, settings, id: version.id, target, tlsa: due });
  const moves = plan.dns.some(({ purpose }) => purpose === HOST_PURPOSE);
  return { ...common, records, moves, place: configured, move };
}

function hostNames({ domain, delegation }: DomainConfig, { delegation_zone: zone }: Settings): readonly string[] {
  const own = ourNames(domain).policy_host;
  return delegation === 'cname' && zone !== null ? [own, delegatedNames(domain, zone).policy_host] : [own];
}

/** The record that announces a version: the last one to be set. */
export function isIdRecord({ name, type }: Pick<WantedRecords, 'name' | 'type'>): boolean {
  return type === 'TXT' && name.startsWith('_mta-sts.');
}

/** The zone that holds a name, where the settings name none: ours for delegated names, else the domain itself. */
export function zoneOfName(name: string, domain: DomainName, settings: Settings): string {
  const { delegation_zone: ours } = settings;
  return ours !== null && (name === ours || name.endsWith(`.${ours}`)) && !isWithin(domain, ours) ? ours : domain;
}

function isWithin(domain: string, zone: string): boolean {
  return domain === zone || domain.endsWith(`.${zone}`);
}
