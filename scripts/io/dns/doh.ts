import { rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { decodeReply, encodeQuery, type Message, type Query } from './message.ts';
import type { NoReply } from './udp.ts';

export interface HttpsResolver {
  readonly ask: (query: Query, timeoutMs: number) => Promise<Message | NoReply>;
  readonly close: () => Promise<void>;
}

const MEDIA_TYPE = 'application/dns-message';
const MAX_MESSAGE = 65_535;

/** DNS over HTTPS (RFC 8484) on HTTP/2 connections that are kept. `ca`: PEM beside the built-in roots. No redirect is followed. */
export function openHttpsResolver(url: string, ca: string | null): HttpsResolver {
  const roots = ca === null ? [...rootCertificates] : [...rootCertificates, ca];
  const agent = new Agent({
    allowH2: true,
    connections: 2,
    maxResponseSize: MAX_MESSAGE,
    connect: { ca: roots, minVersion: 'TLSv1.2', timeout: 10_000 },
  });
  return {
    ask: async (query, timeoutMs) => {
      const sent = encodeQuery(query, 'https');
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const response = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal,
          headers: { 'content-type': MEDIA_TYPE, accept: MEDIA_TYPE },
          body: sent.bytes,
        });
        const body = new Uint8Array(await response.body.arrayBuffer());
        if (response.statusCode !== 200) {
          return { status: 'unreachable', detail: `${url} answers ${response.statusCode}` };
        }
        const type = String(response.headers['content-type'] ?? '').toLowerCase();
        const reply = type.startsWith(MEDIA_TYPE) ? decodeReply(body, sent) : null;
        if (reply !== null && reply !== 'malformed') return reply;
        return { status: 'malformed', detail: `${url} did not answer with a DNS message to the question` };
      } catch (error) {
        if (signal.aborted) return { status: 'timeout', detail: `no reply from ${url} in time` };
        return { status: 'unreachable', detail: `${url} cannot be reached (${reasonOf(error)})` };
      }
    },
    close: () => agent.close(),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
