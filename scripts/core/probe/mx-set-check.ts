import { type MxPattern, matchesMx } from '../../standards/mx-pattern.ts';
import { isDefinite, type Lookup, zoneTtl } from './dns-lookup.ts';
import { fault, type Sighting, unanswered } from './sighting.ts';

export interface MxTarget {
  readonly preference: number;
  /** The name in the MX record: policies and certificates are matched to it, whatever it is an alias of. */
  readonly host: string;
}

/** Where mail for the domain goes. */
export interface MxSet {
  /** By preference, then by name; empty with the null MX, or when nothing is known. */
  readonly targets: readonly MxTarget[];
  /** `implicit`: no MX record, so the domain itself (RFC 5321 §5.1). `null`: it receives no mail (RFC 7505). */
  readonly kind: 'records' | 'implicit' | 'null' | 'unknown';
}

export interface MxPatterns {
  /** Of the version in force for senders, else of the configuration. */
  readonly policy: readonly MxPattern[];
  /** Of the configuration. */
  readonly config: readonly MxPattern[];
}

export function mxSet(domain: string, lookup: Lookup<'MX'>): MxSet {
  if (!isDefinite(lookup.status)) return { targets: [], kind: 'unknown' };
  if (lookup.status === 'nxdomain') return { targets: [], kind: 'null' };
  if (lookup.status === 'nodata') return { targets: [{ preference: 0, host: domain }], kind: 'implicit' };
  const targets = lookup.records
    .filter(({ exchange }) => exchange !== '.')
    .map(({ preference, exchange }) => ({ preference, host: exchange }))
    .toSorted((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
  return { targets, kind: targets.length === 0 ? 'null' : 'records' };
}

/** RFC 8461 §4.1, on the MX set that a resolver or one server of the zone shows. */
export function mxSetSightings(domain: string, lookup: Lookup<'MX'>, patterns: MxPatterns): readonly Sighting[] {
  if (!isDefinite(lookup.status)) return [unanswered(lookup)];
  const { targets, kind } = mxSet(domain, lookup);
  if (kind === 'null') {
    return [fault('mx-null', lookup.status === 'nxdomain' ? 'the name does not exist' : 'the null MX (RFC 7505 §3)')];
  }
  const hosts = targets.map(({ host }) => host);
  const covers = (pattern: MxPattern) => (host: string) => matchesMx(pattern, host);
  const uncovered = (by: readonly MxPattern[]) =>
    hosts.filter((host) => !by.some((pattern) => matchesMx(pattern, host)));
  const notCovered = uncovered(patterns.policy);
  const changed = uncovered(patterns.config).filter((host) => !notCovered.includes(host));
  const unused = patterns.policy.filter((pattern) => !hosts.some(covers(pattern)));
  return [
    ...(notCovered.length === 0
      ? []
      : [fault('mx-not-covered', `${notCovered.join(', ')}: no pattern of the policy fits`, { mx: notCovered })]),
    ...(changed.length === 0
      ? []
      : [fault('mx-changed', `${changed.join(', ')}: not in the configuration`, { mx: changed })]),
    ...(unused.length === 0
      ? []
      : [fault('pattern-unused', `${unused.join(', ')}: no MX host fits`, { patterns: unused })]),
  ];
}

/** `set`: the hosts in order; `alias_of`: where the name of the domain itself leads, when it is an alias. */
export function mxSetFacts(domain: string, lookup: Lookup<'MX'>): Readonly<Record<string, unknown>> {
  const { targets, kind } = mxSet(domain, lookup);
  const first = targets[0]?.preference;
  return {
    set: targets.map(({ preference, host }) => ({ preference, host, backup: preference !== first })),
    kind,
    ttl: zoneTtl(lookup),
    secure: lookup.secure,
    ...(lookup.aliases.length === 0 ? {} : { alias_of: lookup.aliases.at(-1)?.target }),
  };
}
