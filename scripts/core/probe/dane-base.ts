import { parseTlsaRdata, renderTlsaRecord, type TlsaRecord, tlsaOwnerName } from '../../standards/tlsa-record.ts';
import { isDefinite, type Lookup } from './dns-lookup.ts';

/** Whether and by which records DANE applies to one MX host (RFC 7672 §2.2), before any certificate is looked at. */

/** The look-ups of the addresses of an MX host, and of the alias it may be. */
export interface HostLookups {
  readonly host: string;
  readonly a: Lookup<'A'>;
  readonly aaaa: Lookup<'AAAA'>;
  /** The CNAME by itself, asked only where the host is an alias whose end is not secure. */
  readonly alias: Lookup<'CNAME'> | null;
}

export type DaneStanding =
  /** `unreadable`: records that are no TLSA at all. At least one record of either kind. */
  | {
      readonly kind: 'dane';
      readonly base: string;
      readonly records: readonly TlsaRecord[];
      readonly unreadable: number;
      readonly lookup: Lookup<'TLSA'>;
    }
  /** `signed`: the addresses are, so that records would count. */
  | { readonly kind: 'not-dane'; readonly signed: boolean; readonly reason: string }
  /** A DANE client does not use the host at all, and does not fall back (§2.1.2). */
  | { readonly kind: 'unreachable'; readonly lookup: Lookup };

/** Where the host is an alias whose end is not secure, the first link alone decides (§2.2.2): it has to be asked for. */
export function needsAliasLookup({ a, aaaa }: Pick<HostLookups, 'a' | 'aaaa'>): boolean {
  return isAlias(a, aaaa) && !(a.secure && aaaa.secure);
}

/**
 * The TLSA base domains in the order they are tried (RFC 7672 §2.2.2): of an alias that is secure to its end the end, then
 * the name itself; of one that is not, the name itself while its own link is secure; never one in between. None where the
 * addresses are not secure: their zone is not signed, so that its TLSA records would prove nothing.
 */
export function tlsaBases({ host, a, aaaa, alias }: HostLookups): readonly string[] {
  if (!isAlias(a, aaaa)) return a.secure && aaaa.secure ? [host] : [];
  if (a.secure && aaaa.secure) return [(a.aliases.at(-1) ?? aaaa.aliases.at(-1))?.target ?? host, host];
  return alias?.secure === true && alias.status === 'answer' ? [host] : [];
}

/** `tlsa`: the look-ups at `_25._tcp` of each base, in order, as far as they were made. */
export function daneStanding(host: HostLookups, tlsa: readonly Lookup<'TLSA'>[]): DaneStanding {
  const failed = [host.a, host.aaaa, host.alias].find((lookup) => lookup !== null && !isDefinite(lookup.status));
  if (failed !== undefined && failed !== null) return { kind: 'unreachable', lookup: failed };
  const bases = tlsaBases(host);
  if (bases.length === 0)
    return { kind: 'not-dane', signed: false, reason: 'the addresses of the host are not signed' };
  for (const [i, lookup] of tlsa.entries()) {
    if (!isDefinite(lookup.status)) return { kind: 'unreachable', lookup };
    // Also an alias of the TLSA name into a zone that is not signed ends here (§2.2.3).
    if (!lookup.secure || lookup.status !== 'answer') continue;
    const parsed = lookup.records.map(parseTlsaRdata);
    const records = parsed.flatMap((one) => (one.ok ? [one.value] : [])).toSorted(byText);
    return { kind: 'dane', base: bases[i] ?? host.host, records, unreadable: parsed.length - records.length, lookup };
  }
  const insecure = tlsa.some(({ status, secure }) => status === 'answer' && !secure);
  return {
    kind: 'not-dane',
    signed: true,
    reason: insecure ? 'the TLSA records are not signed' : `no TLSA record at ${bases.map(tlsaOwnerName).join(' or ')}`,
  };
}

/** Whether the next base has to be asked: only a secure answer or a failure ends the search. */
export function isSearchOver(lookup: Lookup<'TLSA'>): boolean {
  return !isDefinite(lookup.status) || (lookup.status === 'answer' && lookup.secure);
}

function isAlias(a: Lookup<'A'>, aaaa: Lookup<'AAAA'>): boolean {
  return a.aliases.length > 0 || aaaa.aliases.length > 0;
}

/** Servers turn the order of their answers. */
function byText(a: TlsaRecord, b: TlsaRecord): number {
  return renderTlsaRecord(a) < renderTlsaRecord(b) ? -1 : 1;
}
