import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { receive } from './receive.ts';
import type { SubmissionBox } from './submission-box.ts';

export interface NodeReceiver {
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** A submission that takes longer is dropped: reporters try again. */
const REQUEST_MS = 60_000;
const CONNECTIONS = 100;
const LINGER_MS = 500;

/** The receiver as an HTTP server, to stand behind a proxy that does the TLS. */
export async function startNodeReceiver(
  box: SubmissionBox,
  options: { readonly host: string; readonly port: number; readonly token: string | null },
): Promise<NodeReceiver> {
  const server = createServer((request, response) => {
    answer(request, response, box, options.token).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: `http://${address.includes(':') ? `[${address}]` : address}:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  box: SubmissionBox,
  token: string | null,
): Promise<void> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
  const hasBody = request.method === 'POST';
  const init = {
    method: request.method ?? 'GET',
    headers,
    ...(hasBody ? { body: webStream(request), duplex: 'half' } : {}),
  };
  const path = /^\/[^\s]*$/.test(request.url ?? '') ? request.url : '/';
  const answered = await receive(new Request(`http://receiver.invalid${path}`, init as RequestInit), box, token);
  const body = Buffer.from(await answered.arrayBuffer());
  response.writeHead(answered.status, { ...Object.fromEntries(answered.headers), connection: 'close' });
  response.end(body);
  // What was not read is not waited for, but the answer has to arrive.
  if (!request.complete) setTimeout(() => request.destroy(), LINGER_MS).unref();
}

function webStream(request: IncomingMessage): ReadableStream {
  return Readable.toWeb(request) as ReadableStream;
}
