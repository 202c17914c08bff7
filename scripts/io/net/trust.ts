import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { NetworkSettings } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';

/** The roots that are trusted: those built into Node and those of `network.ca_file`, never what the environment adds. */
export interface Trust {
  /** PEM of `network.ca_file`; null without. */
  readonly ca: string | null;
  /** One for all connections: building one takes longer than a handshake. */
  readonly context: SecureContext;
  readonly rootsNamed: (subject: string) => readonly X509Certificate[];
}

const CA_FILE_BYTES = 2 ** 20;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Throws `ca-file` (exit 2) when the file cannot be used. */
export function loadTrust(root: string, network: Pick<NetworkSettings, 'ca_file'>): Trust {
  if (network.ca_file === null) return createTrust(null);
  const path = join(root, network.ca_file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw caFault(path, `cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause);
  }
  if (text.length > CA_FILE_BYTES) throw caFault(path, `is larger than ${CA_FILE_BYTES} bytes`);
  try {
    const trust = createTrust(text);
    if ((text.match(PEM) ?? []).length > 0) return trust;
  } catch (cause) {
    throw caFault(path, 'holds a certificate that cannot be read', cause);
  }
  throw caFault(path, 'holds no certificate in PEM');
}

/** `ca`: PEM, added to the built-in roots. Throws what node:crypto throws for an unreadable certificate. */
export function createTrust(ca: string | null): Trust {
  const pems = [...rootCertificates, ...(ca?.match(PEM) ?? [])];
  const bySubject = new Map<string, X509Certificate[]>();
  for (const pem of pems) {
    const certificate = new X509Certificate(pem);
    bySubject.set(certificate.subject, [...(bySubject.get(certificate.subject) ?? []), certificate]);
  }
  return {
    ca,
    context: createSecureContext({ ca: pems, minVersion: 'TLSv1.2' }),
    rootsNamed: (subject) => bySubject.get(subject) ?? [],
  };
}

function caFault(path: string, what: string, cause?: unknown): PosternError {
  return new PosternError('ca-file', `the file of trusted roots ${path} ${what}`, {
    hint: 'network.ca_file in domains/_settings.yaml names it, relative to the root: one or more certificates in PEM',
    exit: 2,
    cause,
  });
}
