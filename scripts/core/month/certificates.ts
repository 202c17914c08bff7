import type { ObservationSpan } from '../probe/observation-span.ts';
import { type Cell, csvText } from './csv.ts';

/** One certificate on one address, as long as the probes saw it there. */
export interface CertificateRecord {
  readonly domain: string;
  readonly host: string;
  readonly address: string;
  readonly serial: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  /** First and last look that saw it. */
  readonly first: string;
  readonly last: string;
}

/**
 * The certificates in what the probes saw, by host, address and first look. A certificate stands in `facts.certificate` of
 * an `mx` or `policy` observation; one that was seen under several codes is one certificate.
 */
export function certificateRecords(spans: readonly ObservationSpan[]): readonly CertificateRecord[] {
  const found = new Map<string, CertificateRecord>();
  for (const { domain, kind, subject, address, facts, first, at } of spans) {
    if (kind !== 'mx' && kind !== 'policy') continue;
    const certificate = facts['certificate'];
    if (typeof certificate !== 'object' || certificate === null) continue;
    const text = (name: string): string => {
      const value = (certificate as Readonly<Record<string, unknown>>)[name];
      return typeof value === 'string' ? value : '';
    };
    const key = [domain, subject, address, text('serial'), text('issuer')].join(' ');
    const known = found.get(key);
    found.set(key, {
      domain: domain ?? '',
      host: subject,
      address: address ?? '',
      serial: text('serial'),
      issuer: text('issuer'),
      not_before: text('not_before'),
      not_after: text('not_after'),
      first: known === undefined || first < known.first ? first : known.first,
      last: known === undefined || at > known.last ? at : known.last,
    });
  }
  return [...found]
    .sort(
      ([a, one], [b, other]) =>
        compare(one.host, other.host) ||
        compare(one.address, other.address) ||
        compare(one.first, other.first) ||
        compare(a, b),
    )
    .map(([, one]) => one);
}

/** How many addresses changed their certificate, and how many kept it, in a sentence. */
export function renewals(certificates: readonly CertificateRecord[]): string {
  const places = Map.groupBy(certificates, ({ host, address }) => `${host} ${address}`);
  const renewed = [...places.values()].filter((one) => new Set(one.map(({ serial }) => serial)).size > 1).length;
  return `${renewed} of ${places.size} addresses showed more than one certificate in the month: a renewal, or a pool whose members differ.`;
}

export function certificatesCsv(certificates: readonly CertificateRecord[]): string {
  const columns = [
    'domain',
    'host',
    'address',
    'serial',
    'issuer',
    'not_before',
    'not_after',
    'first_seen',
    'last_seen',
  ];
  return csvText(
    columns,
    certificates.map((one): readonly Cell[] => [
      one.domain,
      one.host,
      one.address,
      one.serial,
      one.issuer,
      one.not_before,
      one.not_after,
      one.first,
      one.last,
    ]),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
