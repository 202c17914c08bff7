import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Trust } from '../net/trust.ts';

/** One context of a kind for all connections: building one takes longer than a handshake. */
export interface TlsContexts {
  /** TLS 1.2 and 1.3. */
  readonly current: SecureContext;
  /** TLS 1.2 alone. */
  readonly tls12: () => SecureContext;
  /** Whatever OpenSSL can still do: only to name what is wrong, never to trust it. */
  readonly weak: () => SecureContext;
}

export function openTlsContexts(trust: Trust): TlsContexts {
  const ca = trust.ca === null ? [...rootCertificates] : [...rootCertificates, trust.ca];
  return {
    current: trust.context,
    tls12: once(() => createSecureContext({ ca, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })),
    weak: once(() => createSecureContext({ ca, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' })),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
