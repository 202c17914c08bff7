import type { DomainName } from '../../standards/domain-name.ts';
import type { DomainConfig, Settings } from '../config/types.ts';
import type { TlsaRecordSet } from '../dane/tlsa-plan.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import { zoneOfName } from '../publish/publish-job.ts';
import { desiredRecords, hostTarget } from './desired-records.ts';
import { isOurName } from './our-names.ts';
import type { WantedRecords } from './record-set.ts';

/** The records of one zone, for tools that keep zones. */
export interface ZoneRecords {
  readonly zone: string;
  readonly records: readonly WantedRecords[];
}

/** One file of an export. */
export interface ExportFile {
  readonly path: string;
  readonly text: string;
}

/** One domain to export. */
export interface ExportedDomain {
  readonly config: DomainConfig;
  readonly ledger: Ledger;
  /** As `heldTlsa` has them. */
  readonly tlsa: readonly TlsaRecordSet[];
}

/**
 * Every record that should exist, by zone and name. The id is that of the newest version whose bytes were seen served: an
 * export cannot announce what the policy host does not serve yet (RFC 8461 §8.1). TLSA records only at names that are ours.
 */
export function zoneRecords(
  domains: readonly ExportedDomain[],
  settings: Settings,
  repositoryOwner: string | null,
): readonly ZoneRecords[] {
  const all = domains.flatMap(({ config, ledger, tlsa }) => {
    const served = ledger.versions.findLast(
      (version) => version.first_served_at !== null && version.withdrawn_at === null,
    );
    const target = hostTarget(config, settings, repositoryOwner);
    const own = tlsa.filter(({ name }) => isOurName(name, config, settings.delegation_zone, config.mx));
    const records = desiredRecords({ config, settings, id: served?.id ?? null, target, tlsa: own });
    return records.map((record) => ({ record, zone: zoneOf(record.name, config, settings) }));
  });
  return [...Map.groupBy(all, ({ zone }) => zone)]
    .map(([zone, own]) => ({ zone, records: own.map(({ record }) => record).toSorted(byName) }))
    .sort((a, b) => (a.zone < b.zone ? -1 : 1));
}

/** The name within its zone: `_mta-sts`; `@` for the zone itself. */
export function nameInZone(name: string, zone: string): string {
  return name === zone ? '@' : name.slice(0, -zone.length - 1);
}

function zoneOf(name: string, { dns, domain }: { dns: string | null; domain: DomainName }, settings: Settings): string {
  const provider = dns === null ? undefined : settings.dns[dns];
  const named = provider !== undefined && 'zone' in provider ? provider.zone : null;
  return named !== null && name.endsWith(`.${named}`) ? named : zoneOfName(name, domain, settings);
}

function byName(a: WantedRecords, b: WantedRecords): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.type < b.type ? -1 : 1;
}
