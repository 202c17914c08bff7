import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { SmtpReason, TlsFacts } from '../../core/probe/smtp-look.ts';
import { tlsFailure } from '../net/tls-failure.ts';
import { sentCertificates } from './sent-chain.ts';

export interface Handshake {
  readonly secured: TLSSocket;
  readonly facts: Omit<TlsFacts, 'chain'>;
  readonly sent: readonly X509Certificate[];
}

export interface HandshakeFailure {
  readonly reason: SmtpReason;
  readonly detail: string;
}

export interface HandshakeOptions {
  readonly servername: string | null;
  readonly context: SecureContext;
}

/** Makes a TLS session of a connection, and trusts nothing by that: the chain is judged elsewhere. */
export function handshake(
  socket: Socket,
  { servername, context }: HandshakeOptions,
  timeoutMs: number,
): Promise<Handshake | HandshakeFailure> {
  return new Promise((resolve) => {
    let stapled = false;
    const secured = connect({
      socket,
      secureContext: context,
      rejectUnauthorized: false,
      requestOCSP: true,
      checkServerIdentity: () => undefined,
      ...(servername === null ? {} : { servername }),
    });
    const finish = (outcome: Handshake | HandshakeFailure): void => {
      clearTimeout(timer);
      secured.off('error', failed);
      secured.off('close', closed);
      socket.off('error', failed);
      if ('reason' in outcome) {
        secured.on('error', () => {});
        secured.destroy();
      }
      resolve(outcome);
    };
    const failed = (error: NodeJS.ErrnoException): void => finish(tlsFailure(error));
    const closed = (): void =>
      finish({ reason: 'closed', detail: 'the server closed the connection in the handshake' });
    const timer = setTimeout(
      () => finish({ reason: 'timeout', detail: 'the handshake did not end in time' }),
      timeoutMs,
    );
    secured.on('OCSPResponse', (response: Buffer | null) => {
      stapled = response !== null && response.length > 0;
    });
    // A reset under TLS is told by the connection itself.
    socket.once('error', failed);
    secured.once('error', failed);
    secured.once('close', closed);
    secured.once('secureConnect', () => {
      const objection = secured.authorizationError as unknown;
      finish({
        secured,
        facts: {
          version: secured.getProtocol() ?? 'unknown',
          cipher: secured.getCipher().standardName,
          objection: objection === null || objection === undefined ? null : codeOf(objection),
          ocsp_stapled: stapled,
        },
        sent: sentCertificates(secured.getPeerX509Certificate()),
      });
    });
  });
}

function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
