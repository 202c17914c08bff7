import { renderMtaStsRecord } from '../../standards/mta-sts-record.ts';
import { renderTlsRptRecord } from '../../standards/tls-rpt-record.ts';
import type { DomainConfig, Settings } from '../config/types.ts';
import type { TlsaRecordSet } from '../dane/tlsa-plan.ts';
import { placeOf, placeTarget } from '../hosting/host-place.ts';
import { delegatedNames, isOurName, ourNames } from './our-names.ts';
import type { WantedRecords } from './record-set.ts';

/** Seconds. Bounds how fast an emergency change is seen (RFC 8461 §8.1); the rollout rules want 300 to 3600. */
export const MTA_STS_TTL = 300;
/** Seconds. The record hardly ever changes. */
const TLS_RPT_TTL = 86_400;
/** Seconds. Short enough to move the policy host within an hour. */
export const HOST_TTL = 3600;
/** What the record that leads to the hosting is for. */
export const HOST_PURPOSE = 'policy host';
/** Seconds. Set once by the customer, for good. */
const DELEGATION_TTL = 86_400;

export interface DesiredInput {
  readonly config: DomainConfig;
  readonly settings: Settings;
  /** The id to announce; null while there is nothing to announce. */
  readonly id: string | null;
  /** The host name the policy host points to; null where only its operator knows it. */
  readonly target: string | null;
  /** TLSA sets, when DANE is managed. */
  readonly tlsa: readonly TlsaRecordSet[];
}

/** Every record set that should exist for a domain, in the order of names. */
export function desiredRecords({ config, settings, id, target, tlsa }: DesiredInput): readonly WantedRecords[] {
  const { domain, rua, delegation } = config;
  const zone = delegation === 'cname' ? settings.delegation_zone : null;
  const names = ourNames(domain);
  const place = zone === null ? names : delegatedNames(domain, zone);
  const by = writesDns(config, settings) ? 'us' : 'person';
  const wanted: WantedRecords[] = [];
  if (id !== null) wanted.push(set(place.mta_sts, 'TXT', MTA_STS_TTL, renderMtaStsRecord(id), by, 'MTA-STS id'));
  if (rua.length > 0)
    wanted.push(set(place.tls_rpt, 'TXT', TLS_RPT_TTL, renderTlsRptRecord(rua), by, 'where reports go'));
  if (target !== null) wanted.push(set(place.policy_host, 'CNAME', HOST_TTL, target, by, HOST_PURPOSE));
  if (zone !== null) {
    const delegated = [
      ...(id === null ? [] : ([[names.mta_sts, place.mta_sts]] as const)),
      ...(rua.length === 0 ? [] : ([[names.tls_rpt, place.tls_rpt]] as const)),
      [names.policy_host, place.policy_host] as const,
    ];
    for (const [name, there] of delegated)
      wanted.push(set(name, 'CNAME', DELEGATION_TTL, there, 'person', 'delegation, set once'));
  }
  // An alias may lead to a name that is not ours to write.
  for (const records of tlsa)
    wanted.push({ ...records, by: isOurName(records.name, config, zone, config.mx) ? by : 'person', purpose: 'DANE' });
  return wanted;
}

/** Does a provider of `dns` change records for this domain, or a person? */
export function writesDns({ dns }: DomainConfig, settings: Settings): boolean {
  const provider = dns === null ? undefined : settings.dns[dns];
  return provider !== undefined && provider.kind !== 'manual';
}

/**
 * What the policy host points to: GitHub Pages by the owner of the repository. Null for a bundle or a Worker, whose
 * address only its operator knows, and without hosting.
 */
export function hostTarget(
  { hosting }: DomainConfig,
  settings: Settings,
  repositoryOwner: string | null,
): string | null {
  return placeTarget(placeOf(hosting, settings), repositoryOwner);
}

function set(
  name: string,
  type: 'TXT' | 'CNAME',
  ttl: number,
  value: string,
  by: WantedRecords['by'],
  purpose: string,
): WantedRecords {
  return { name, type, ttl, values: [value], by, purpose };
}
