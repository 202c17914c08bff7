import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with the next request that matches. `cut`: no answer, whether or not it took effect. */
type ProviderFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'cut'; readonly applied: boolean };

export interface ProviderRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly text: string;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
}

export interface ProviderServer {
  readonly url: string;
  readonly requests: ProviderRequest[];
  readonly fail: (fault: ProviderFault, on: 'read' | 'write', times?: number) => void;
  readonly close: () => Promise<void>;
}

/** A provider's API on loopback: `handle` is the provider, the faults are the network. */
export async function startProviderServer(
  handle: (request: ProviderRequest) => ProviderAnswer,
): Promise<ProviderServer> {
  const requests: ProviderRequest[] = [];
  const faults: { fault: ProviderFault; on: 'read' | 'write'; left: number }[] = [];
  const server = createServer((incoming, response) => {
    void textOf(incoming).then((text) => {
      const request: ProviderRequest = {
        method: incoming.method ?? 'GET',
        url: new URL(incoming.url ?? '/', 'http://provider.test'),
        authorization: incoming.headers.authorization ?? '',
        text,
      };
      requests.push(request);
      const kind = request.method === 'GET' ? 'read' : 'write';
      const planned = faults.find(({ on, left }) => left > 0 && on === kind);
      if (planned !== undefined) planned.left--;
      const fault = planned?.fault;
      const answer = fault === undefined || (fault.kind === 'cut' && fault.applied) ? handle(request) : null;
      if (fault?.kind === 'cut') return void incoming.socket.destroy();
      if (fault?.kind === 'status') {
        response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
        return void response.end(fault.body ?? '{"message":"fault of the test"}');
      }
      response.writeHead(answer?.status ?? 500, { 'content-type': answer?.type ?? 'application/json' });
      response.end(answer?.body);
    });
  });
  server.on('connection', (socket) => socket.unref());
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (fault, on, times = 1) => void faults.push({ fault, on, left: times }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
