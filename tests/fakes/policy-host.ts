import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import type { Identity } from './pki.ts';

export interface PolicyHostOptions {
  /** As sent: the server's own first. */
  readonly chain: readonly Identity[];
  /** What is written to whoever asks, or what is done with the connection. */
  readonly answer: string | Uint8Array | ((socket: TLSSocket) => void);
  readonly versions?: { readonly min: SecureVersion; readonly max: SecureVersion };
  readonly address?: string;
  readonly port?: number;
}

export interface PolicyHost {
  readonly port: number;
  /** The request of each connection, and the server name of its handshake. */
  readonly requests: readonly { readonly head: string; readonly servername: string | false | null }[];
  readonly close: () => Promise<void>;
}

/** A web server on loopback that says exactly the bytes it is told to. */
export async function startPolicyHost(options: PolicyHostOptions): Promise<PolicyHost> {
  const [leaf] = options.chain;
  if (leaf === undefined) throw new Error('a policy host needs a certificate');
  const { min, max } = options.versions ?? { min: 'TLSv1.2', max: 'TLSv1.3' };
  const context = createSecureContext({
    key: leaf.keyPem,
    cert: options.chain.map(({ pem }) => pem).join(''),
    minVersion: min,
    maxVersion: max,
    ...(max < 'TLSv1.2' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
  });
  const requests: { head: string; servername: string | false | null }[] = [];
  const open = new Set<Socket>();
  const server = createServer((plain) => {
    open.add(plain);
    plain.on('close', () => open.delete(plain));
    plain.on('error', () => plain.destroy());
    const socket = new TLSSocket(plain, { isServer: true, secureContext: context });
    socket.on('error', () => plain.destroy());
    socket.once('data', (head) => {
      requests.push({
        head: head.toString('latin1'),
        servername: (socket as { servername?: string | false }).servername ?? null,
      });
      if (typeof options.answer === 'function') options.answer(socket);
      else socket.end(options.answer);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    requests,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function httpAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Uint8Array {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ 'Content-Length': String(bytes.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`), bytes]);
}
