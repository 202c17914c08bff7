import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { rootCertificates, connect as tlsConnect } from 'node:tls';
import type { Resolver } from '../../core/probe/dns-lookup.ts';
import { addressesOf } from './addresses.ts';
import type { Dial, DialFailure } from './dial.ts';
import { type HttpFailure, readResponse } from './read-response.ts';

export interface FetchedBytes {
  readonly status: 'ok';
  readonly bytes: Uint8Array;
}

export interface FetchFailure {
  readonly status: DialFailure['status'] | HttpFailure['status'] | 'url' | 'dns' | 'tls' | 'http-status' | 'size';
  readonly detail: string;
}

export interface FetchOptions {
  readonly resolver: Resolver;
  readonly dial: Dial;
  /** Laboratories may use any port. */
  readonly allow_private: boolean;
  /** PEM beside the built-in roots. */
  readonly ca: string | null;
  /** Bytes. */
  readonly limit: number;
  /** For the whole, redirects included. Milliseconds. */
  readonly timeoutMs: number;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * What stands at an http or https URL that a stranger named, such as the issuer or the revocation list of a certificate
 * (RFC 5280 §4.2.2.1, §4.2.1.13). Every hop resolves the name again and dials the address that was judged.
 */
export async function fetchUrl(url: string, options: FetchOptions): Promise<FetchedBytes | FetchFailure> {
  const deadline = performance.now() + options.timeoutMs;
  let next = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const target = targetOf(next, options.allow_private);
    if ('status' in target) return target;
    const response = await ask(target, options, deadline);
    if (!('headers' in response)) return response;
    if (REDIRECTS.includes(response.status)) {
      const location = response.headers['location'] ?? '';
      if (!URL.canParse(location, next)) return { status: 'url', detail: 'a redirect to nowhere' };
      next = new URL(location, next).href;
      continue;
    }
    if (response.status !== 200) return { status: 'http-status', detail: `HTTP status ${response.status}` };
    if (response.body.length > options.limit) return { status: 'size', detail: `more than ${options.limit} bytes` };
    return { status: 'ok', bytes: response.body };
  }
  return { status: 'url', detail: `more than ${MAX_REDIRECTS} redirects` };
}

interface Target {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function targetOf(text: string, anyPort: boolean): Target | FetchFailure {
  const url = URL.canParse(text) && text.length <= 2000 ? new URL(text) : null;
  const secure = url?.protocol === 'https:';
  if (url === null || (!secure && url.protocol !== 'http:') || url.username !== '' || url.password !== '') {
    return { status: 'url', detail: 'not an http or https address without a user' };
  }
  // A stranger must not make us talk to whatever else listens somewhere.
  if (url.port !== '' && !anyPort) return { status: 'url', detail: `port ${url.port} instead of 80 or 443` };
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host: url.hostname, port, path: `${url.pathname}${url.search}` };
}

async function ask(target: Target, options: FetchOptions, deadline: number) {
  const left = () => Math.max(1, deadline - performance.now());
  const addresses = await addressesOf(options.resolver, target.host);
  let failure: FetchFailure = { status: 'dns', detail: `${target.host} has no address` };
  for (const address of addresses.slice(0, 4)) {
    const socket = await options.dial(address, target.port, Math.min(left(), 10_000));
    if ('status' in socket) {
      failure = socket;
      continue;
    }
    const stream = target.secure ? await secured(socket, target.host, options.ca, left()) : socket;
    if ('status' in stream) return stream;
    return readResponse(stream, {
      host: target.host,
      path: target.path,
      headers: { accept: '*/*', 'accept-encoding': 'identity' },
      limit: options.limit,
      timeoutMs: left(),
    });
  }
  return failure;
}

function secured(socket: Duplex, host: string, ca: string | null, timeoutMs: number): Promise<Duplex | FetchFailure> {
  return new Promise((resolve) => {
    const roots = ca === null ? [...rootCertificates] : [...rootCertificates, ca];
    const named = isIP(host.replace(/^\[|\]$/g, '')) === 0 ? { servername: host } : {};
    const tls = tlsConnect({ socket, ca: roots, minVersion: 'TLSv1.2', ...named });
    const timer = setTimeout(() => tls.destroy(new Error('timeout')), timeoutMs);
    const failed = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({ status: 'tls', detail: error.code ?? error.message });
    };
    tls.once('error', failed);
    tls.once('secureConnect', () => {
      clearTimeout(timer);
      tls.off('error', failed);
      resolve(tls);
    });
  });
}
