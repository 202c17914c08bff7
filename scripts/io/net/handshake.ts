import type { Duplex } from 'node:stream';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { PresentedChain } from '../../core/probe/presented-chain.ts';
import { presentedChain } from './presented-chain.ts';
import { tlsFailure } from './tls-failure.ts';
import type { Trust } from './trust.ts';

export interface Secured {
  readonly socket: TLSSocket;
  /** Null: the server presented no certificate. */
  readonly chain: PresentedChain | null;
  /** `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
}

export interface HandshakeFailure {
  readonly status: 'handshake' | 'timeout' | 'reset';
  /** In words, with the code of OpenSSL or of the system. */
  readonly detail: string;
}

export interface HandshakeOptions {
  /** The name that the certificate has to bear. */
  readonly host: string;
  /** False: no server name is sent. */
  readonly sni: boolean;
  readonly trust: Trust;
  readonly timeoutMs: number;
  /** Another context than that of `trust`, such as one for TLS 1.0. */
  readonly context?: SecureContext;
}

/** TLS over a connection that stands, without refusing any certificate: what was presented is judged elsewhere. */
export function handshake(connection: Duplex, options: HandshakeOptions): Promise<Secured | HandshakeFailure> {
  const { host, sni, trust, timeoutMs } = options;
  return new Promise((resolve) => {
    const socket = connect({
      socket: connection,
      secureContext: options.context ?? trust.context,
      rejectUnauthorized: false,
      // Names are checked with the rest of what was presented.
      checkServerIdentity: () => undefined,
      ...(sni ? { servername: host } : {}),
    });
    const failed = (failure: HandshakeFailure) => {
      clearTimeout(timer);
      socket.destroy();
      connection.destroy();
      resolve(failure);
    };
    const timer = setTimeout(() => {
      failed({ status: 'timeout', detail: `no TLS session in time` });
    }, timeoutMs);
    const onError = (error: NodeJS.ErrnoException) => {
      const { reason, detail } = tlsFailure(error);
      failed({ status: reason === 'closed' ? 'reset' : 'handshake', detail });
    };
    // A failure of the transport under TLS would otherwise stand unheard.
    connection.on('error', onError);
    socket.on('error', onError);
    socket.once('close', () => failed({ status: 'reset', detail: 'the connection ended within the handshake' }));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const { standardName, name } = socket.getCipher();
      const chain = presentedChain(socket, host, trust);
      resolve({ socket, chain, protocol: socket.getProtocol() ?? '', cipher: standardName ?? name });
    });
  });
}
