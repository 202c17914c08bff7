import type { Ledger } from '../../core/policy/versions/ledger.ts';
import {
  type AuthorityServer,
  lameSighting,
  outdatedSighting,
  type ServerView,
} from '../../core/probe/authority-check.ts';
import { danglingSightings } from '../../core/probe/dangling-check.ts';
import {
  type AskServer,
  isDefinite,
  type Lookup,
  type RecordType,
  type Resolver,
} from '../../core/probe/dns-lookup.ts';
import { announcedId, mtaStsRecordSightings, txtFacts } from '../../core/probe/mta-sts-record-check.ts';
import { type MxPatterns, type MxSet, mxSet, mxSetFacts, mxSetSightings } from '../../core/probe/mx-set-check.ts';
import type { Observation, ObservationKind } from '../../core/probe/observation.ts';
import type { Observer } from '../../core/probe/observer.ts';
import { rowsOf, type Sighting, unseen } from '../../core/probe/sighting.ts';
import { tlsRptRecordSightings } from '../../core/probe/tls-rpt-record-check.ts';
import { zoneServers } from './zone-servers.ts';

export interface DnsProbe {
  readonly domain: string;
  readonly resolver: Resolver;
  /** Null: the servers of the zones are not asked one by one. */
  readonly askServer: AskServer | null;
  readonly ledger: Ledger;
  readonly patterns: MxPatterns;
}

export interface DnsView {
  readonly observations: readonly Observation[];
  readonly mx: MxSet;
  readonly mx_lookup: Lookup<'MX'>;
  /** The id that `_mta-sts` shows; null when it shows none, or when that is not known. */
  readonly announced_id: string | null;
}

/** One record set of the domain, and how it is judged wherever it is seen. */
interface Subject<T extends RecordType> {
  readonly kind: ObservationKind;
  readonly name: string;
  readonly type: T;
  readonly judge: (lookup: Lookup<T>) => readonly Sighting[];
  readonly facts: (lookup: Lookup<T>, wildcard: boolean | null) => Readonly<Record<string, unknown>>;
}

/** MX, `_mta-sts` and `_smtp._tls` through the resolver and at every server of their zones, and aliases that dangle. */
export async function observeDns(observer: Observer, probe: DnsProbe): Promise<DnsView> {
  const { domain, resolver, ledger, patterns } = probe;
  const wildcard = hasWildcardTxt(resolver, domain);
  // At once: a zone that does not answer costs the patience of one look-up and not of all.
  const looking = observed(observer, probe, wildcard, {
    kind: 'mx-set',
    name: domain,
    type: 'MX',
    judge: (lookup) => mxSetSightings(domain, lookup, patterns),
    facts: (lookup) => mxSetFacts(domain, lookup),
  });
  const recorded = observed(observer, probe, wildcard, {
    kind: 'txt',
    name: `_mta-sts.${domain}`,
    type: 'TXT',
    judge: (lookup) => mtaStsRecordSightings(lookup, ledger),
    facts: (lookup, isWildcard) => ({ ...txtFacts(lookup, 'v=STSv1', isWildcard), id: announcedId(lookup) }),
  });
  const reported = observed(observer, probe, wildcard, {
    kind: 'tlsrpt',
    name: `_smtp._tls.${domain}`,
    type: 'TXT',
    judge: tlsRptRecordSightings,
    facts: (lookup, isWildcard) => txtFacts(lookup, 'v=TLSRPTv1', isWildcard),
  });
  const [mx, record, reporting] = await Promise.all([looking, recorded, reported]);
  return {
    observations: [
      ...mx.rows,
      ...record.rows,
      ...reporting.rows,
      ...aliasRows(observer, record.lookup),
      ...aliasRows(observer, reporting.lookup),
    ],
    mx: mxSet(domain, mx.lookup),
    mx_lookup: mx.lookup,
    announced_id: announcedId(record.current),
  };
}

interface Observed<T extends RecordType> {
  readonly lookup: Lookup<T>;
  /** What the servers of the zone say where the resolver keeps an older answer; else the same. */
  readonly current: Lookup<T>;
  readonly rows: readonly Observation[];
}

async function observed<T extends RecordType>(
  observer: Observer,
  { resolver, askServer }: DnsProbe,
  wildcard: Promise<boolean | null>,
  subject: Subject<T>,
): Promise<Observed<T>> {
  const { kind, name, type, judge, facts } = subject;
  const [lookup, isWildcard] = await Promise.all([resolver.lookup(name, type), wildcard]);
  const resolved = judge(lookup);
  const rows = (sightings: readonly Sighting[]) =>
    rowsOf(observer, { kind, subject: name }, sightings, facts(lookup, isWildcard));
  if (askServer === null) return { lookup, current: lookup, rows: rows(resolved) };
  // The record set stands in the zone of its last alias; whoever holds the first decides over all of it.
  const owner = lookup.aliases.at(-1)?.target ?? name;
  const cut: Sighting[] = [];
  const servers = await zoneServers(resolver, askServer, owner, (some, all) => {
    cut.push(unseen('not-all-servers', `${some} of the ${all} servers of the zone were asked`));
  });
  const asked = await Promise.all(servers.map((one) => seenAt(observer, askServer, subject, owner, one)));
  const outdated = outdatedSighting(lookup, resolved, asked);
  return {
    lookup,
    current: outdated === null ? lookup : (asked.find((one) => one.lookup !== null)?.lookup ?? lookup),
    rows: [
      ...rows(outdated === null ? resolved : [outdated]),
      ...cut.flatMap((one) => rowsOf(observer, { kind, subject: name }, [one])),
      ...asked.flatMap((one) => one.rows),
    ],
  };
}

interface SeenAt<T extends RecordType> extends ServerView {
  readonly lookup: Lookup<T> | null;
  readonly rows: readonly Observation[];
}

async function seenAt<T extends RecordType>(
  observer: Observer,
  askServer: AskServer,
  { kind, name, type, judge, facts }: Subject<T>,
  owner: string,
  server: AuthorityServer,
): Promise<SeenAt<T>> {
  const lookup = await askServer(server.address, owner, type);
  // No way to any IPv6 address from here says nothing about this one, and is told once for the vantage.
  if (lookup.status === 'unreachable' && server.address.includes(':'))
    return { lookup: null, sightings: null, rows: [] };
  const lame = lameSighting(server, lookup);
  const sightings = lame === null ? judge(lookup) : [lame];
  const seen = lame === null ? facts(lookup, null) : {};
  const rows = rowsOf(observer, { kind, subject: name, address: server.address }, sightings, {
    ...seen,
    server: server.server,
  });
  return { lookup, sightings, rows };
}

function aliasRows(observer: Observer, lookup: Lookup): readonly Observation[] {
  if (!isDefinite(lookup.status)) return [];
  const facts = { aliases: lookup.aliases.map(({ target }) => target) };
  return rowsOf(observer, { kind: 'cname', subject: lookup.name }, danglingSightings(lookup, []), facts);
}

/** A name that nobody made: when it answers, every name below the domain does (RFC 4592). Null when that is not known. */
async function hasWildcardTxt(resolver: Resolver, domain: string): Promise<boolean | null> {
  const { status } = await resolver.lookup(`_postern-no-such-name.${domain}`, 'TXT');
  return isDefinite(status) ? status === 'answer' : null;
}
