import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Instant } from '../../core/clock.ts';
import type {
  CertificatePath,
  PathLink,
  PresentedCertificate,
  PresentedChain,
} from '../../core/probe/presented-chain.ts';
import type { Trust } from './trust.ts';

/** More are not looked at; a sound chain has two to four. */
const MAX_CERTIFICATES = 20;
/** What OpenSSL says about dates goes by its own clock; about the path and the name we say more. */
const JUDGED_APART: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What stands in a handshake that was made without refusing anything. Null when the server presented nothing. */
export function presentedChain(socket: TLSSocket, host: string, trust: Trust): PresentedChain | null {
  // Asking a second time loses the certificates behind the first.
  const sent = asSent(socket.getPeerX509Certificate());
  const [leaf] = sent;
  if (leaf === undefined) return null;
  const error = socket.authorizationError as unknown;
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : error;
  return {
    certificates: sent.map(readCertificate),
    names_host: namesHost(leaf, host),
    path: certificatePath(sent, trust),
    objection: typeof code !== 'string' || JUDGED_APART.has(code) ? null : code,
  };
}

function asSent(first: X509Certificate | undefined): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (let next = first; next !== undefined && sent.length < MAX_CERTIFICATES; next = next.issuerCertificate) {
    sent.push(next);
  }
  return sent;
}

/** RFC 6125 §6.4: the defaults of Node would accept a common name and a star within a label. */
function namesHost(leaf: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return leaf.checkIP(host) !== undefined;
  return leaf.checkHost(host, { subject: 'never', partialWildcards: false, multiLabelWildcards: false }) !== undefined;
}

/** Roots of ours are tried before what was sent, as a verifier does that finds the shortest way. */
function certificatePath(sent: readonly X509Certificate[], trust: Trust): CertificatePath {
  const links: X509Certificate[] = [];
  let here = sent[0] as X509Certificate;
  let badLink = false;
  while (links.length < MAX_CERTIFICATES) {
    const below = here;
    const root = trust.rootsNamed(below.issuer).find((one) => signed(one, below));
    if (root !== undefined) return { kind: 'trusted', links: [...links, root].map(linkOf) };
    const named = sent.filter((one) => one !== below && !links.includes(one) && one.subject === below.issuer);
    const next = named.find((one) => one.ca && signed(one, below));
    badLink = named.length > 0;
    if (next === undefined) break;
    links.push(next);
    here = next;
  }
  const isOwnIssuer = here.subject === here.issuer && verifies(here, here);
  const kind = isOwnIssuer
    ? links.length === 0
      ? 'self-signed'
      : 'untrusted-root'
    : badLink
      ? 'bad-link'
      : 'incomplete';
  return { kind, links: links.map(linkOf), at: oneLine(here.subject) };
}

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && verifies(issuer, subject);
}

function verifies(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    // A key that this OpenSSL cannot use signs nothing.
    return false;
  }
}

export function readCertificate(certificate: X509Certificate): PresentedCertificate {
  const { raw, subject, issuer, serialNumber, validFromDate, validToDate, ca } = certificate;
  const spki = spkiOf(certificate);
  return {
    der: new Uint8Array(raw),
    spki,
    sha256: sha256(raw),
    spki_sha256: sha256(spki),
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serial: serialNumber.toLowerCase(),
    not_before: instant(validFromDate),
    not_after: instant(validToDate),
    dns_names: dnsNames(certificate.subjectAltName),
    common_name: /(?:^|\n)CN=([^\n]*)/.exec(subject)?.[1] ?? null,
    is_ca: ca,
    key: keyText(certificate),
  };
}

function spkiOf(certificate: X509Certificate): Uint8Array {
  try {
    return new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' }));
  } catch {
    return new Uint8Array();
  }
}

function keyText(certificate: X509Certificate): string {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
    const size = details?.modulusLength ?? details?.namedCurve ?? '';
    return `${(type ?? 'unknown').toUpperCase()} ${size}`.trim();
  } catch {
    return 'unknown';
  }
}

/** `DNS:a.example, DNS:*.example`; a name that holds more than a name is quoted by Node and left out here. */
function dnsNames(subjectAltName: string | undefined): readonly string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .flatMap((part) => (/^DNS:[^\s",]{1,253}$/.test(part) ? [part.slice(4).toLowerCase()] : []))
    .slice(0, 200);
}

function linkOf(certificate: X509Certificate): PathLink {
  const { subject, validFromDate, validToDate } = certificate;
  return { subject: oneLine(subject), not_before: instant(validFromDate), not_after: instant(validToDate) };
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ').slice(0, 500);
}

function instant(date: Date): Instant {
  return `${date.toISOString().slice(0, 19)}Z` as Instant;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
