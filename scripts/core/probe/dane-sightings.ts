import { type TlsaRecord, tlsaUsability } from '../../standards/tlsa-record.ts';
import type { DaneStanding } from './dane-base.ts';
import { type DaneCertificate, type DaneMatch, type Digest, matchDane } from './dane-check.ts';
import { type Lookup, zoneTtl } from './dns-lookup.ts';
import type { Observation } from './observation.ts';
import type { Observer } from './observer.ts';
import { fault, rowsOf, type Sighting, unanswered, unseen } from './sighting.ts';
import { isSignatureExpiring } from './signature-expiry.ts';

/** What an MX host presented at one address, in the handshake that named it. */
export interface PresentedAt {
  readonly address: string;
  /** Null where there was no TLS session. */
  readonly chain: readonly DaneCertificate[] | null;
  /**
   * Without a session: `refused` when the host itself said no (no STARTTLS, a failed handshake), so that a DANE client
   * does not deliver; `unknown` when it could not be reached from here.
   */
  readonly without: 'refused' | 'unknown' | null;
  readonly detail: string;
}

export interface DaneHostCase {
  readonly host: string;
  readonly standing: DaneStanding;
  readonly mx: Lookup<'MX'>;
  /** MX, address and TLSA look-ups, for the ages of their signatures. */
  readonly lookups: readonly Lookup[];
  readonly presented: readonly PresentedAt[];
  readonly reference_names: readonly string[];
  /** Another MX host of the domain has TLSA records, or the configuration demands them. */
  readonly expected: boolean;
  readonly digest: Digest;
}

/** The rows of one MX host: what the records are worth, and at each address whether what is presented matches. */
export function daneRows(observer: Observer, one: DaneHostCase): readonly Observation[] {
  const { host, standing, mx, expected } = one;
  const on = { kind: 'dane', subject: host } as const;
  const facts = { mx_secure: mx.secure, keys: keysOf(one) };
  const ending = one.lookups.find((lookup) => isSignatureExpiring(lookup, observer.at));
  const expiring =
    ending === undefined
      ? []
      : [fault('dnssec-expiring', `the signatures of ${ending.type} ${ending.name} end at ${ending.signed?.until}`)];
  switch (standing.kind) {
    case 'unreachable':
      return rowsOf(observer, on, [unanswered(standing.lookup)], {
        ...facts,
        type: standing.lookup.type,
        name: standing.lookup.name,
      });
    case 'not-dane': {
      const missing = expected ? [fault('tlsa-missing-host', standing.reason)] : [];
      return rowsOf(observer, on, [...missing, ...expiring], {
        ...facts,
        dane: false,
        signed: standing.signed,
        reason: standing.reason,
      });
    }
    case 'dane': {
      const matches = one.presented.map((at) => ({
        at,
        match: at.chain === null ? null : matchAt(observer, one, standing.records, at.chain),
      }));
      const records = standing.records
        .slice(0, 20)
        .map(
          ({ usage, selector, matching_type, data }) => `${usage} ${selector} ${matching_type} ${data.slice(0, 128)}`,
        );
      const shared = {
        ...facts,
        dane: true,
        signed: true,
        base: standing.base,
        records,
        ttl: zoneTtl(standing.lookup),
        ...rolloverFacts(
          standing.records,
          matches.map(({ match }) => match),
        ),
      };
      const ofRecords = [
        ...recordSightings(standing),
        ...setSightings(
          standing.records,
          matches.map(({ match }) => match),
        ),
        ...expiring,
      ];
      return [
        ...rowsOf(observer, on, ofRecords, shared),
        ...matches.flatMap(({ at, match }) =>
          rowsOf(observer, { ...on, address: at.address }, addressSightings(standing, at, match), shared),
        ),
      ];
    }
  }
}

function matchAt(
  observer: Observer,
  one: DaneHostCase,
  records: readonly TlsaRecord[],
  chain: readonly DaneCertificate[],
): DaneMatch {
  const { reference_names, digest } = one;
  return matchDane({ records, chain, reference_names, now: observer.at, digest });
}

function addressSightings(
  standing: DaneStanding & { kind: 'dane' },
  at: PresentedAt,
  match: DaneMatch | null,
): readonly Sighting[] {
  const usable = standing.records.some((record) => tlsaUsability(record).usable);
  if (match === null) {
    if (at.without === 'unknown') return [unseen('no-chain', at.detail)];
    // Even records that authenticate nothing demand TLS (RFC 7672 §2.2).
    return [fault('tlsa-mismatch', `no TLS session: ${at.detail}`, { usable })];
  }
  if (match.result !== 'fail') return [];
  const why = match.refusals.length > 0 ? match.refusals.join('; ') : 'no record matches what is presented';
  return [fault('tlsa-mismatch', why, { standings: match.records })];
}

/** Malformed and unwise records (RFC 6698 §4.1, RFC 7672 §3.1). */
function recordSightings({ records, unreadable }: DaneStanding & { kind: 'dane' }): readonly Sighting[] {
  const malformed: string[] = unreadable > 0 ? [`${unreadable} records are too short to be TLSA`] : [];
  const unwise: string[] = [];
  for (const record of records) {
    const usability = tlsaUsability(record);
    if (!usability.usable) (usability.fault.code === 'tlsa-pkix' ? unwise : malformed).push(usability.fault.message);
    else unwise.push(...usability.lints.map(({ message }) => message));
  }
  const usable = records.filter((record) => tlsaUsability(record).usable);
  if (usable.length > 0 && usable.every(({ matching_type }) => matching_type === 2)) {
    unwise.push('only SHA2-512 is published, which not every client knows (RFC 7671 §9)');
  }
  return [
    ...(malformed.length === 0 ? [] : [fault('tlsa-malformed', [...new Set(malformed)].join(' '))]),
    ...(unwise.length === 0 ? [] : [fault('tlsa-usage', [...new Set(unwise)].join(' '))]),
  ];
}

/** RFC 7671 §8: a record must match for each set of parameters; beside the next key no other record is spare. */
function setSightings(records: readonly TlsaRecord[], matches: readonly (DaneMatch | null)[]): readonly Sighting[] {
  const seen = matches.filter((match) => match !== null);
  const broken = [...new Set(seen.flatMap(({ broken_sets }) => broken_sets))];
  const details =
    broken.length === 0 ? [] : [`no ${broken.join(' and no ')} record matches the chain in use (RFC 7671 §8)`];
  const surplus = surplusOf(records, seen);
  if (surplus > 1) details.push(`${surplus} records match nothing that is presented; one is enough for the next key`);
  return details.length === 0 ? [] : [fault('tlsa-usage', details.join('; '))];
}

function surplusOf(records: readonly TlsaRecord[], matches: readonly DaneMatch[]): number {
  if (!matches.some(({ result }) => result === 'pass')) return 0;
  return records.filter((_, i) => matches.every((match) => match.records[i] === 'no-match')).length;
}

/** `rollover`: a record for the next key stands ready beside the one in use, so that the key can be changed without a gap. */
function rolloverFacts(records: readonly TlsaRecord[], matches: readonly (DaneMatch | null)[]) {
  const seen = matches.filter((match) => match !== null);
  const surplus = surplusOf(records, seen);
  const byAnchor = records.some(
    (record, i) => record.usage === 2 && seen.some((match) => match.records[i] === 'match'),
  );
  return { surplus, rollover: surplus === 1 ? 'next-key' : byAnchor ? 'trust-anchor' : 'none' };
}

/** By address the SHA-256 of the key in use, null where none was seen: what a managed record set is planned from. */
function keysOf({ presented, digest }: DaneHostCase): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    presented
      .toSorted((a, b) => (a.address < b.address ? -1 : 1))
      .map(({ address, chain }) => [address, chain?.[0] === undefined ? null : digest(1, chain[0].spki)]),
  );
}
