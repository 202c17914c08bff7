import { createHash } from 'node:crypto';
import { type Day, dayOf, daysFrom, type Instant } from '#scripts/core/clock.ts';
import { foldLedger, type Ledger } from '#scripts/core/policy/versions/ledger.ts';
import { daneStanding } from '#scripts/core/probe/dane-base.ts';
import { daneRows } from '#scripts/core/probe/dane-sightings.ts';
import type { Lookup, RecordData, RecordType, Resolver } from '#scripts/core/probe/dns-lookup.ts';
import { mxRows } from '#scripts/core/probe/mx-rows.ts';
import { mxSightings } from '#scripts/core/probe/mx-sightings.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { Observer } from '#scripts/core/probe/observer.ts';
import type { FetchedPolicy } from '#scripts/core/probe/policy-fetch.ts';
import { vantageRows } from '#scripts/core/probe/vantage.ts';
import { parseMxPattern } from '#scripts/standards/mx-pattern.ts';
import { tlsaOwnerName } from '#scripts/standards/tlsa-record.ts';
import { observeDns } from '#scripts/tasks/probe/observe-dns.ts';
import { observePolicyHost } from '#scripts/tasks/probe/observe-policy-host.ts';
import { chainOf, keyDigest } from './certificates.ts';
import { EXAMPLE_COM, EXAMPLE_DOMAINS, type ExampleDomain, FIRST_DAY, MAILBOX } from './domains.ts';
import { EXAMPLE_LEDGERS } from './ledgers.ts';

/** From where the story looks: a network that lets port 25 out and validates DNSSEC. */
const VANTAGE = { name: 'office', smtp_egress: 'ok', ipv6: 'ok', validating: 'ok' } as const;
/** One look a day is kept of those that see the same; the last is forty minutes old at the clock of the example. */
const DAILY = '05:20:00Z';
/** And those around what happened. */
const MORE = [
  ...['2026-10-12T06:20:00Z', '2026-10-12T07:20:00Z', '2026-10-12T12:20:00Z', '2026-10-13T12:20:00Z'],
  ...['2026-10-14T09:20:00Z', '2026-10-14T10:20:00Z', '2026-10-14T11:20:00Z', '2026-10-14T12:20:00Z'],
  ...['2026-11-03T08:20:00Z', '2026-11-03T09:20:00Z'],
  ...['2026-11-05T13:20:00Z', '2026-11-05T14:20:00Z', '2026-11-05T15:20:00Z', '2026-11-05T21:20:00Z'],
  ...['2026-11-06T08:20:00Z', '2026-11-06T09:20:00Z', '2026-11-06T10:20:00Z', '2026-11-06T11:20:00Z'],
  ...['2026-11-09T08:20:00Z', '2026-11-09T09:20:00Z'],
].map((at) => at as Instant);
/** The policy host of example.net answers 503: see incidents.ts, where senders say so. */
const UNAVAILABLE = { host: 'mta-sts.example.net', from: '2026-11-05T14:00:00Z', to: '2026-11-06T09:00:00Z' } as const;
const POLICY_HOST_ADDRESS = '203.0.113.80';
/** Microsoft 365 has no DNSSEC under this name, and the customer's zone has none at all. */
const SIGNED = new Set(['example.com']);
const CAA: Readonly<Record<string, string>> = { 'example.com': 'letsencrypt.org', 'example.net': 'letsencrypt.org' };

/** The moments of the story at which was looked, oldest first. */
function looks(until: Instant): readonly Instant[] {
  const daily = daysFrom(FIRST_DAY, dayOf(until)).map((day: Day) => `${day}T${DAILY}` as Instant);
  return [...daily, ...MORE].filter((at) => at <= until).sort();
}

/** Everything seen of all domains up to a moment: each fact judged by the rules of the probe itself. */
export async function exampleObservations(until: Instant): Promise<readonly Observation[]> {
  const rows: Observation[] = [];
  for (const at of looks(until)) {
    rows.push(...vantageRows(at, VANTAGE));
    for (const domain of EXAMPLE_DOMAINS) rows.push(...(await look(domain, at)));
  }
  return rows;
}

async function look(example: ExampleDomain, at: Instant): Promise<readonly Observation[]> {
  const { domain } = example;
  const ledger = ledgerAt(domain, at);
  // Nobody looks at a domain before it has a file.
  if (ledger.in_force === null) return [];
  const observer: Observer = { at, vantage: VANTAGE.name, domain };
  const resolver = resolverAt(example, ledger);
  const patterns = ledger.in_force.mx.flatMap((text) => {
    const parsed = parseMxPattern(text);
    return parsed.ok ? [parsed.value] : [];
  });
  const dns = await observeDns(observer, {
    domain,
    resolver,
    askServer: null,
    ledger,
    patterns: { policy: patterns, config: patterns },
  });
  const policy = await observePolicyHost(observer, {
    resolver,
    host: `mta-sts.${domain}`,
    fetchPolicy: async (host, address) => fetched(host, address, at, ledger),
    ledger,
    announced_id: dns.announced_id,
    thresholds: 'relative',
    hosting: null,
  });
  return [
    ...dns.observations,
    ...policy,
    ...atHosts(observer, example, dns.mx.targets),
    ...(await dane(observer, example, resolver)),
  ];
}

function atHosts(
  observer: Observer,
  { mx }: ExampleDomain,
  targets: Parameters<typeof mxRows>[2],
): readonly Observation[] {
  const sightings = mx.map(({ host, address }) => {
    const chain = chainOf(host, observer.at);
    const objection = (chain[0]?.not_after ?? '') < observer.at ? 'CERT_HAS_EXPIRED' : null;
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', chain, objection, ocsp_stapled: false };
    const seen = mxSightings(
      {
        host,
        address,
        named: { stop: null, tls },
        unnamed: { stop: null, tls },
        versions: ['TLSv1.3', 'TLSv1.2'],
        weak: null,
        fetched_issuer: null,
        revocation: {},
      },
      { now: observer.at, certificate_thresholds: 'relative' },
    );
    return [host, new Map([[address, seen]])] as const;
  });
  return mxRows(observer, VANTAGE, targets, new Map(sightings));
}

async function dane(
  observer: Observer,
  { domain, mx }: ExampleDomain,
  resolver: Resolver,
): Promise<readonly Observation[]> {
  const of = await resolver.lookup(domain, 'MX');
  const rows = await Promise.all(
    mx.map(async ({ host, address }) => {
      const [a, aaaa] = [await resolver.lookup(host, 'A'), await resolver.lookup(host, 'AAAA')];
      const tlsa = a.secure ? [await resolver.lookup(tlsaOwnerName(host), 'TLSA')] : [];
      return daneRows(observer, {
        host,
        standing: daneStanding({ host, a, aaaa, alias: null }, tlsa),
        mx: of,
        lookups: [of, a, ...tlsa],
        presented: [{ address, chain: chainOf(host, observer.at), without: null, detail: '' }],
        reference_names: [host],
        expected: SIGNED.has(domain),
        digest: (_, bytes) => keyDigest(bytes),
      });
    }),
  );
  return rows.flat();
}

function fetched(host: string, address: string, at: Instant, ledger: Ledger): FetchedPolicy {
  const certificates = chainOf(host, at);
  const links = certificates.slice(1).map(({ subject, not_before, not_after }) => ({ subject, not_before, not_after }));
  const isAway = host === UNAVAILABLE.host && at >= UNAVAILABLE.from && at < UNAVAILABLE.to;
  const body = new TextEncoder().encode(isAway ? 'Service Unavailable\n' : (ledger.current?.body ?? ''));
  return {
    address,
    phase: 'answered',
    failure: null,
    detail: '',
    chain: { certificates, names_host: true, path: { kind: 'trusted', links }, objection: null },
    protocol: 'TLSv1.3',
    response: {
      status: isAway ? 503 : 200,
      headers: { 'content-type': 'text/plain' },
      body,
      sha256: createHash('sha256').update(body).digest('hex'),
    },
    ms: 84,
  };
}

/** The zone as it was: what a resolver would have said of the names that a look asks for. */
function resolverAt({ domain, mx, tlsa }: ExampleDomain, ledger: Ledger): Resolver {
  // The two hosts of example.com share the mail; the second of example.org is a backup.
  const shared = domain === EXAMPLE_COM.domain;
  const zone = new Map<string, readonly unknown[]>([
    [`MX ${domain}`, mx.map(({ host }, place) => ({ preference: shared ? 10 : 10 * (place + 1), exchange: host }))],
    [`TXT _mta-sts.${domain}`, [`v=STSv1; id=${ledger.in_force?.id};`]],
    [`TXT _smtp._tls.${domain}`, [`v=TLSRPTv1; rua=mailto:${MAILBOX}`]],
    [`A mta-sts.${domain}`, [POLICY_HOST_ADDRESS]],
    ...mx.map(({ host, address }) => [`A ${host}`, [address]] as const),
    ...mx.flatMap(({ host }, place) => {
      const record = tlsa[place];
      return record === undefined ? [] : [[`TLSA ${tlsaOwnerName(host)}`, [rdataOf(record)]] as const];
    }),
    ...(CAA[domain] === undefined
      ? []
      : [[`CAA ${domain}`, [{ critical: false, tag: 'issue', value: CAA[domain] }]] as const]),
  ]);
  const secure = SIGNED.has(domain);
  return {
    address: 'udp://127.0.0.1:53',
    trusted: true,
    lookup: async <T extends RecordType>(name: string, type: T): Promise<Lookup<T>> => {
      const records = (zone.get(`${type} ${name}`) ?? []) as readonly RecordData[T][];
      const status = records.length > 0 ? 'answer' : name.startsWith('_postern-') ? 'nxdomain' : 'nodata';
      return {
        name,
        type,
        status,
        secure,
        records,
        ttl: 3600,
        aliases: [],
        signed: null,
        errors: [],
        authoritative: false,
        detail: '',
      };
    },
  };
}

/** RFC 6698 §2.1: three octets and the data. */
function rdataOf(record: string): Uint8Array {
  const [usage = '', selector = '', matching = '', data = ''] = record.split(' ');
  return Buffer.concat([Buffer.from([usage, selector, matching].map(Number)), Buffer.from(data, 'hex')]);
}

function ledgerAt(domain: string, at: Instant): Ledger {
  return foldLedger((EXAMPLE_LEDGERS.get(domain) ?? []).filter((event) => event.at <= at));
}
