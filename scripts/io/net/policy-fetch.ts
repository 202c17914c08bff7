import { createHash } from 'node:crypto';
import type { FetchedPolicy } from '../../core/probe/policy-fetch.ts';
import type { Dial } from './dial.ts';
import { handshake } from './handshake.ts';
import { readResponse } from './read-response.ts';
import type { Trust } from './trust.ts';

export interface PolicyFetchOptions {
  readonly dial: Dial;
  readonly trust: Trust;
  /** `network.https_port`. */
  readonly port: number;
  /** From the first packet to the last byte. Milliseconds. */
  readonly timeoutMs: number;
}

/** RFC 8461 §3.3: senders stop at about 64 KB. */
const BODY_BYTES = 65_536;
const PATH = '/.well-known/mta-sts.txt';
/** Some hosts turn away what looks like a browser or like nothing; this says what it is. */
const USER_AGENT = 'Postern (MTA-STS probe)';

/**
 * The policy as a sender fetches it (RFC 8461 §3.3), from one address of the policy host and over one connection: no
 * redirect, nothing decoded, everything within one deadline. A certificate that is wrong is told, and does not end it.
 */
export async function fetchPolicy(host: string, address: string, options: PolicyFetchOptions): Promise<FetchedPolicy> {
  const began = performance.now();
  const left = () => Math.max(1, Math.ceil(options.timeoutMs - (performance.now() - began)));
  const elapsed = () => Math.round(performance.now() - began);
  const nothing = { address, chain: null, protocol: null, response: null };

  const connection = await options.dial(address, options.port, left());
  if ('status' in connection) {
    return { ...nothing, phase: 'connect', failure: connection.status, detail: connection.detail, ms: elapsed() };
  }
  const secured = await handshake(connection, { host, sni: true, trust: options.trust, timeoutMs: left() });
  if ('status' in secured) {
    return { ...nothing, phase: 'tls', failure: secured.status, detail: secured.detail, ms: elapsed() };
  }
  const { chain, protocol, socket } = secured;
  const response = await readResponse(socket, {
    host,
    path: PATH,
    headers: { 'user-agent': USER_AGENT, accept: 'text/plain', 'accept-encoding': 'identity' },
    limit: BODY_BYTES,
    timeoutMs: left(),
  });
  const seen = { address, chain, protocol, ms: elapsed() };
  if ('body' in response) {
    const sha256 = createHash('sha256').update(response.body).digest('hex');
    return { ...seen, phase: 'answered', failure: null, detail: '', response: { ...response, sha256 } };
  }
  return { ...seen, phase: 'http', failure: response.status, detail: response.detail, response: null };
}
