import { createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  TLSSocket,
  type TLSSocketOptions,
} from 'node:tls';
import type { Identity } from '../pki.ts';

/** A mail server with one peculiarity. Without any it is sound. */
export interface Peculiarity {
  /** What is sent in the TLS handshake: the first is the server's own. */
  readonly chain?: readonly Identity[];
  /** Instead of that, for clients that send no server name. */
  readonly chainWithoutName?: readonly Identity[];
  readonly versions?: {
    readonly min: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
    readonly max: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  };
  readonly askClientCertificate?: 'request' | 'require';
  readonly ocsp?: boolean;
  /** Whole greeting; null sends none. */
  readonly greeting?: string | null;
  /** Milliseconds before the greeting. */
  readonly delay?: number;
  /** One byte of the greeting each so many milliseconds. */
  readonly drip?: number;
  /** Lines without end, or bytes that are no text. */
  readonly flood?: 'banner' | 'line' | 'garbage';
  /** Hangs up before it says anything. */
  readonly atOnce?: 'close' | 'reset';
  readonly ehlo?: 'refuse' | 'no-starttls' | 'temporary' | 'close';
  /** The reply to STARTTLS; by default `220 go ahead`. */
  readonly starttls?: string;
  /** What it does after that. */
  readonly after?: 'silence' | 'reset' | 'inject' | 'plain' | 'close';
}

export interface FaultServer {
  readonly port: number;
  readonly seen: { connections: number; commands: string[] };
  readonly close: () => Promise<void>;
}

export async function startFaultServer(
  peculiarity: Peculiarity,
  listen: { readonly host?: string; readonly port?: number } = {},
): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const seen: FaultServer['seen'] = { connections: 0, commands: [] };
  const context = contextOf(peculiarity.chain, peculiarity);
  const unnamed =
    peculiarity.chainWithoutName === undefined ? context : contextOf(peculiarity.chainWithoutName, peculiarity);
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    seen.connections += 1;
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, peculiarity, context, unnamed, seen.commands);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port ?? 0, listen.host ?? '127.0.0.1', 1024, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function contextOf(chain: readonly Identity[] | undefined, { versions }: Peculiarity): SecureContext | null {
  const [own] = chain ?? [];
  if (chain === undefined || own === undefined) return null;
  return createSecureContext({
    key: own.keyPem,
    cert: chain.map(({ pem }) => pem).join(''),
    ciphers: 'ALL:@SECLEVEL=0',
    minVersion: versions?.min ?? 'TLSv1.2',
    maxVersion: versions?.max ?? 'TLSv1.3',
  });
}

function serve(
  socket: Socket,
  peculiarity: Peculiarity,
  named: SecureContext | null,
  unnamed: SecureContext | null,
  commands: string[],
): void {
  const { greeting = '220 mx1.lab.test ESMTP', delay = 0, drip, flood, atOnce } = peculiarity;
  if (atOnce === 'reset') return void socket.resetAndDestroy();
  if (atOnce === 'close') return void socket.end();
  if (flood !== undefined) {
    inundate(socket, flood);
    return;
  }
  if (greeting !== null) {
    const text = `${greeting}\r\n`;
    if (drip !== undefined) trickle(socket, text, drip);
    else setTimeout(() => socket.write(text), delay);
  }
  speak(socket, peculiarity, named !== null, commands, () => {
    const { after } = peculiarity;
    // Who does not go on with TLS still reads, to notice the end.
    if (after !== undefined && after !== 'inject') socket.resume();
    if (after === 'silence') return;
    if (after === 'reset') return void socket.resetAndDestroy();
    if (after === 'close') return void socket.end();
    if (after === 'plain') return void socket.write('220 in clear text after all\r\n');
    if (named === null || unnamed === null) return void socket.end();
    encrypt(socket, peculiarity, named, unnamed, commands);
  });
}

function speak(
  socket: Socket,
  { ehlo, starttls = '220 go ahead', after }: Peculiarity,
  offersTls: boolean,
  commands: string[],
  begin: () => void,
): void {
  let held = '';
  const listen = (chunk: Buffer): void => {
    held += chunk.toString('latin1');
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const line = held.slice(0, end).trim();
      held = held.slice(end + 1);
      commands.push(line);
      const verb = line.split(' ')[0]?.toUpperCase();
      if (verb === 'EHLO') {
        if (ehlo === 'close') socket.destroy();
        else if (ehlo === 'refuse') socket.write('502 HELO only\r\n');
        else if (ehlo === 'temporary') socket.write('421 busy\r\n');
        else if (ehlo === 'no-starttls' || !offersTls) socket.write('250-mx1.lab.test\r\n250 SIZE\r\n');
        else socket.write('250-mx1.lab.test\r\n250-SIZE\r\n250 STARTTLS\r\n');
      } else if (verb === 'STARTTLS') {
        socket.write(`${starttls}\r\n${after === 'inject' ? '250 injected\r\n' : ''}`);
        if (starttls.startsWith('220')) {
          socket.off('data', listen);
          begin();
          return;
        }
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else socket.write('502 not here\r\n');
    }
  };
  socket.on('data', listen);
}

function encrypt(
  socket: Socket,
  peculiarity: Peculiarity,
  named: SecureContext,
  unnamed: SecureContext,
  commands: string[],
): void {
  const options: TLSSocketOptions = {
    isServer: true,
    secureContext: unnamed,
    SNICallback: (_name, done) => done(null, named),
    ...(peculiarity.askClientCertificate === undefined
      ? {}
      : { requestCert: true, rejectUnauthorized: peculiarity.askClientCertificate === 'require' }),
  };
  const secured = new TLSSocket(
    socket,
    peculiarity.ocsp === true ? { ...options, server: stapling(unnamed) } : options,
  );
  secured.on('error', () => socket.destroy());
  if (peculiarity.askClientCertificate === 'require') {
    secured.on('secure', () => {
      // What OpenSSL does with SSL_VERIFY_FAIL_IF_NO_PEER_CERT, which Node's bare TLSSocket leaves to its user.
      if (!secured.authorized) socket.resetAndDestroy();
    });
  }
  speak(secured, peculiarity, true, commands, () => {});
}

/** Node asks the server, not the socket, what to staple. */
function stapling(context: SecureContext): ReturnType<typeof createTlsServer> {
  const server = createTlsServer({});
  server.setSecureContext(context as object);
  server.on('OCSPRequest', (_certificate, _issuer, done) => done(null, Buffer.from('stapled')));
  return server;
}

function trickle(socket: Socket, text: string, ms: number): void {
  let place = 0;
  const timer = setInterval(() => {
    if (place >= text.length || socket.destroyed) clearInterval(timer);
    else socket.write(text[place] ?? '');
    place += 1;
  }, ms);
  socket.on('close', () => clearInterval(timer));
}

function inundate(socket: Socket, kind: 'banner' | 'line' | 'garbage'): void {
  const chunk =
    kind === 'banner'
      ? Buffer.from('220-and another line of welcome\r\n'.repeat(100))
      : kind === 'line'
        ? Buffer.from(`220-${'x'.repeat(5000)}`)
        : Buffer.from(Array.from({ length: 2048 }, (_, index) => (index * 7 + 129) % 256));
  const more = (): void => {
    if (!socket.destroyed && kind !== 'garbage') setTimeout(() => socket.write(chunk, more), 5);
  };
  socket.write(chunk, more);
}
