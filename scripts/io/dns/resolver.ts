import { getServers, lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { NetworkSettings } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';
import type { Lookup, RecordType, Resolver } from '../../core/probe/dns-lookup.ts';
import { createGate } from '../net/gate.ts';
import { askServer, failedLookup, lookupOf, type Patience, queryFor } from './ask.ts';
import { openHttpsResolver } from './doh.ts';
import type { Message, Query } from './message.ts';
import type { NoReply, Server } from './udp.ts';

export interface OpenResolver extends Resolver {
  readonly close: () => Promise<void>;
}

export interface ResolverOptions {
  /** PEM of `network.ca_file`, for a resolver over https. */
  readonly ca: string | null;
  readonly patience?: Patience;
  /** Questions on the way at a time. */
  readonly concurrency?: number;
}

const PATIENCE: Patience = { udp: [1500, 3000], tcp: 4000 };
const CONCURRENCY = 64;
/** RFC 8914 §4: the codes that say a validator refused the data. */
const BOGUS_ERRORS: ReadonlySet<number> = new Set([6, 7, 8, 9, 10, 11, 12]);

/**
 * The resolver of `network.resolver`: `udp://host:port`, an https URL, or null for the servers of the system, which are
 * asked in turn when one does not answer. AD and DO are set; AD is believed only from loopback or over TLS. A SERVFAIL
 * is asked again with CD: an answer then means bogus, none means that no server answers. Close it when done.
 */
export async function openResolver(
  network: Pick<NetworkSettings, 'resolver'>,
  options: ResolverOptions,
): Promise<OpenResolver> {
  const patience = options.patience ?? PATIENCE;
  if (network.resolver?.startsWith('https:') === true) {
    const https = openHttpsResolver(network.resolver, options.ca);
    const timeout = patience.udp.reduce((sum, one) => sum + one, patience.tcp);
    const ask = (query: Query) => https.ask(query, timeout);
    return { ...resolverOver(ask, network.resolver, true, options), close: https.close };
  }
  const servers = network.resolver === null ? systemServers() : [await serverOf(network.resolver)];
  const trusted = servers.every(({ address }) => isLoopback(address));
  const ask = async (query: Query) => {
    let last: Message | NoReply = { status: 'unreachable', detail: 'the system names no DNS server' };
    for (const server of servers) {
      last = await askServer(server, query, patience);
      if ('rcode' in last && last.rcode !== 5) return last;
    }
    return last;
  };
  const address = network.resolver ?? servers.map((server) => `udp://${shown(server)}`).join(' ');
  return { ...resolverOver(ask, address, trusted, options), close: async () => {} };
}

function resolverOver(
  ask: (query: Query) => Promise<Message | NoReply>,
  address: string,
  trusted: boolean,
  options: ResolverOptions,
): Resolver {
  const gate = createGate(options.concurrency ?? CONCURRENCY);
  const lookup = async <T extends RecordType>(name: string, type: T): Promise<Lookup<T>> => {
    const query = queryFor(name, type, true);
    if ('status' in query) return failedLookup(name, type, query);
    const found = lookupOf(await ask(query), query, trusted);
    if (found.status !== 'servfail') return found;
    const unchecked = lookupOf(await ask({ ...query, unchecked: true }), query, false);
    const isBogus = unchecked.status === 'answer' || unchecked.status === 'nodata' || unchecked.status === 'nxdomain';
    if (!isBogus && !found.errors.some(({ code }) => BOGUS_ERRORS.has(code))) return found;
    // The signatures of what was refused tell an expired zone from a wrong key.
    return {
      ...found,
      status: 'bogus',
      signed: unchecked.signed,
      detail: 'refused by the validator: DNSSEC does not hold',
    };
  };
  return { address, trusted, lookup: (name, type) => gate(() => lookup(name, type)) };
}

function systemServers(): readonly Server[] {
  return getServers().map((text) => {
    const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
    if (bracketed !== null) return { address: bracketed[1] ?? '', port: Number(bracketed[2] ?? 53) };
    if (isIP(text) !== 0) return { address: text, port: 53 };
    const [address = '', port = '53'] = text.split(':');
    return { address, port: Number(port) };
  });
}

async function serverOf(url: string): Promise<Server> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'udp:' || parsed.hostname === '') {
    throw new PosternError('resolver', `network.resolver is ${JSON.stringify(url)}`, {
      hint: 'write udp://127.0.0.1:53 or https://dns.example/dns-query, or leave it out to use the resolvers of the system',
      exit: 2,
    });
  }
  const port = parsed.port === '' ? 53 : Number(parsed.port);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return { address: host, port };
  try {
    return { address: (await systemLookup(host)).address, port };
  } catch (cause) {
    throw new PosternError('resolver', `the name of network.resolver, ${host}, has no address`, {
      hint: 'write the address of the resolver instead of its name',
      exit: 3,
      cause,
    });
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function shown({ address, port }: Server): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
