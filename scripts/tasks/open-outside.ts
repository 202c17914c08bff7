import type { Instant } from '../core/clock.ts';
import type { NetworkSettings } from '../core/config/types.ts';
import { type HostAnswer, hostAnswer } from '../core/policy/host-answer.ts';
import type { Resolver } from '../core/probe/dns-lookup.ts';
import { openResolver } from '../io/dns/resolver.ts';
import { createDial } from '../io/net/dial.ts';
import { createGate } from '../io/net/gate.ts';
import { fetchPolicy } from '../io/net/policy-fetch.ts';
import { loadTrust } from '../io/net/trust.ts';

/** The world as `plan`, `add` and `advance` look at it. Close it when done. */
export interface Outside {
  readonly resolver: Resolver;
  readonly fetchBody: (host: string, address: string) => Promise<HostAnswer>;
  readonly close: () => Promise<void>;
}

const FETCH_MS = 10_000;
const FETCHES = 32;

/** Throws PosternError `resolver` (exit 2 or 3), or what reading `network.ca_file` throws. */
export async function openOutside(root: string, network: NetworkSettings, now: Instant): Promise<Outside> {
  const trust = loadTrust(root, network);
  const resolver = await openResolver(network, { ca: trust.ca });
  const options = { dial: createDial(network), trust, port: network.https_port, timeoutMs: FETCH_MS };
  const gate = createGate(FETCHES);
  return {
    resolver,
    fetchBody: (host, address) => gate(async () => hostAnswer(await fetchPolicy(host, address, options), now)),
    close: resolver.close,
  };
}
