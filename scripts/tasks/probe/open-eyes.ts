import { hostname } from 'node:os';
import type { Instant } from '../../core/clock.ts';
import type { Settings } from '../../core/config/types.ts';
import type { AskServer } from '../../core/probe/dns-lookup.ts';
import type { FetchedPolicy } from '../../core/probe/policy-fetch.ts';
import { createAskAuthority } from '../../io/dns/ask-authority.ts';
import { type OpenResolver, openResolver } from '../../io/dns/resolver.ts';
import { createDial, type Dial } from '../../io/net/dial.ts';
import { fetchUrl } from '../../io/net/fetch-url.ts';
import { fetchPolicy } from '../../io/net/policy-fetch.ts';
import { loadTrust } from '../../io/net/trust.ts';
import { ISSUER_BYTES } from '../../io/smtp/fetch-issuer.ts';
import { createProxyDial } from '../../io/smtp/proxy-dial.ts';
import { LIST_BYTES, openRevocationLists } from '../../io/smtp/revocation.ts';
import { openTlsContexts } from '../../io/smtp/tls-contexts.ts';
import { createTurns } from '../../io/smtp/turns.ts';
import { keepYoungGenerationSmall } from '../../io/young-generation.ts';
import { parseHostName } from '../../standards/domain-name.ts';
import type { MxEyes } from './look-at-mx.ts';

/** Everything a run looks with: made once, shared by all targets. */
export interface Eyes {
  readonly vantage: string;
  readonly resolver: OpenResolver;
  readonly askServer: AskServer;
  readonly fetchPolicy: (host: string, address: string) => Promise<FetchedPolicy>;
  readonly mx: MxEyes;
  /** Through a proxy nothing is known of the network beyond it but what comes back. */
  readonly isProxied: boolean;
}

export interface EyesOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly now: Instant;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds between two connections to one address. */
const PAUSE_MS = 200;
const FETCH_MS = 10_000;

/** Throws for settings that cannot be used: `ca-file`, `resolver`, `socks` (exit 2 or 3). */
export async function openEyes({ root, settings, now, environment }: EyesOptions): Promise<Eyes> {
  const { network } = settings;
  const { allow_private } = network;
  keepYoungGenerationSmall();
  const trust = loadTrust(root, network);
  const resolver = await openResolver(network, { ca: trust.ca });
  const direct = createDial({ allow_private });
  const password = environment['POSTERN_SOCKS_PASSWORD'] ?? null;
  const proxied = network.socks === null ? null : createProxyDial(network.socks, password, { allow_private });
  const web: Dial = network.socks_all && proxied !== null ? throughProxy(proxied) : direct;
  const named = (limit: number) => (url: string) =>
    fetchUrl(url, { resolver, dial: web, allow_private, ca: trust.ca, limit, timeoutMs: FETCH_MS });
  return {
    vantage: network.vantage ?? placeName(environment),
    resolver,
    askServer: createAskAuthority({ port: network.dns_port, allow_private }),
    fetchPolicy: (host, address) =>
      fetchPolicy(host, address, {
        dial: web,
        trust,
        port: network.https_port,
        timeoutMs: network.target_deadline * 1000,
      }),
    mx: {
      dial: proxied ?? direct,
      port: network.smtp_port,
      ehlo: ehloName(),
      trust,
      contexts: openTlsContexts(trust),
      turns: createTurns(PAUSE_MS),
      fetchIssuerAt: named(ISSUER_BYTES),
      lists: openRevocationLists(named(LIST_BYTES), trust, now),
      now,
    },
    isProxied: proxied !== null,
  };
}

/** What a web client must know of a broken proxy: the host was not reached. */
function throughProxy(dial: MxEyes['dial']): Dial {
  return async (...to) => {
    const socket = await dial(...to);
    if (!('status' in socket)) return socket;
    return socket.status === 'proxy'
      ? { status: 'no-route', detail: socket.detail }
      : { ...socket, status: socket.status };
  };
}

/** GitHub tells whose machine it is; elsewhere the machine's own name says it best. */
function placeName(environment: EyesOptions['environment']): string {
  if (environment['GITHUB_ACTIONS'] === 'true') {
    return environment['RUNNER_ENVIRONMENT'] === 'github-hosted'
      ? 'github-hosted'
      : (environment['RUNNER_NAME'] ?? 'self-hosted');
  }
  return hostname();
}

/** RFC 5321 §4.1.4: our full name, else null for the address as a literal. */
function ehloName(): string | null {
  const name = parseHostName(hostname());
  return name?.includes('.') === true && !name.endsWith('.local') ? name : null;
}
