import { parseMtaStsRecords } from '../../standards/mta-sts-record.ts';
import { type Ledger, versionOfId } from '../policy/versions/ledger.ts';
import { isDefinite, type Lookup, zoneTtl } from './dns-lookup.ts';
import { isRetired } from './policy-sync.ts';
import { fault, type Sighting, unanswered } from './sighting.ts';

/** The id that the record set announces (RFC 8461 §3.1); null when it announces none, or when that is not known. */
export function announcedId(lookup: Lookup<'TXT'>): string | null {
  const record = parseMtaStsRecords(lookup.records);
  return record.ok ? record.value.id : null;
}

/**
 * `_mta-sts` as a resolver or one server of the zone shows it, and whether its id is one of ours. Without a ledger every
 * id is as good as another. After a retirement that is complete no record is right.
 */
export function mtaStsRecordSightings(lookup: Lookup<'TXT'>, ledger: Ledger): readonly Sighting[] {
  if (!isDefinite(lookup.status)) return [unanswered(lookup)];
  const record = parseMtaStsRecords(lookup.records);
  if (record.ok) {
    const { id } = record.value;
    const spaced = record.lints.find(({ code }) => code === 'space-before-semicolon');
    return [...(spaced === undefined ? [] : [fault('txt-invalid', spaced.message)]), ...idSightings(id, ledger)];
  }
  const [first] = record.faults;
  switch (first?.code) {
    case 'record-absent':
      return isRetired(ledger) ? [] : [fault('txt-missing', first.message)];
    case 'record-several':
      return [fault('txt-multiple', first.message)];
    default:
      return [
        fault('txt-invalid', first?.message ?? '', {
          faults: record.faults.map(({ code, message }) => ({ code, message })),
        }),
      ];
  }
}

function idSightings(id: string, ledger: Ledger): readonly Sighting[] {
  if (ledger.versions.length === 0) return [];
  const reused = ledger.reused.includes(id) ? [fault('id-reused', `${id} stands for two texts in the ledger`)] : [];
  const version = versionOfId(ledger, id);
  if (version === null) {
    // Its line in the ledger is damaged: ours, but for which text is lost.
    if (ledger.ids.has(id)) return reused;
    return [...reused, fault('txt-id-unknown', `${id} is no id of the ledger`, { id })];
  }
  const { in_force } = ledger;
  const isOlder = in_force !== null && ledger.versions.indexOf(version) < ledger.versions.indexOf(in_force);
  if (!isOlder || version.sha256 === in_force.sha256) return reused;
  const detail = `announces ${id}, which stands for an older text than that of ${in_force.id}`;
  return [...reused, fault('out-of-sync', detail, { id, in_force: in_force.id })];
}

/**
 * `strays`: records at the name that are no MTA-STS record. `wildcard`: a name that nobody made answers too, so that
 * every name below the domain has these records (checklist D4).
 */
export function txtFacts(
  lookup: Lookup<'TXT'>,
  version: string,
  wildcard: boolean | null,
): Readonly<Record<string, unknown>> {
  // In one order: servers turn theirs, and facts stay the same as long as the subject does.
  const records = lookup.records
    .toSorted()
    .slice(0, 10)
    .map((record) => record.slice(0, 500));
  return {
    records,
    strays: lookup.records.filter((record) => !record.startsWith(version)).length,
    ttl: zoneTtl(lookup),
    secure: lookup.secure,
    ...(lookup.aliases.length === 0 ? {} : { alias_of: lookup.aliases.at(-1)?.target }),
    ...(wildcard === true ? { wildcard } : {}),
  };
}
