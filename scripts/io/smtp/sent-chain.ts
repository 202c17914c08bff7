import type { X509Certificate } from 'node:crypto';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import { certificateFields } from '../../standards/certificate-fields.ts';
import { readCertificate } from '../net/presented-chain.ts';
import type { Trust } from '../net/trust.ts';

/** No server has reason to send more; OpenSSL itself stops at 100 KB. */
const MAX_SENT = 20;
/**
 * Intermediates come with every chain, and a pool has one certificate at many addresses: what they are is worked out and held
 * once. Bounded, for hosts may send what they like; apart, so that many hosts do not drive out the intermediates.
 */
const MAX_KNOWN = 500;
const known = new WeakMap<Trust, Record<'issuers' | 'hosts', Map<string, Described>>>();

type Described = Omit<SentCertificate, 'signed_by'>;

/**
 * The certificates that `getPeerX509Certificate()` links, in the order sent: Node makes the links from the list as sent
 * and not by issuer, so strays and a root are in it, wherever they stood. It may be asked once for a connection.
 */
export function sentCertificates(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (let one = leaf; one !== undefined && sent.length < MAX_SENT; one = one.issuerCertificate) sent.push(one);
  return sent;
}

/** What a chain is, and which of its certificates signed which. */
export function describeChain(sent: readonly X509Certificate[], trust: Trust): readonly SentCertificate[] {
  return sent.map((one) => ({
    ...described(one, trust),
    signed_by: sent.flatMap((issuer, place) => (signedIt(one, issuer) ? [place] : [])),
  }));
}

function described(certificate: X509Certificate, trust: Trust): Described {
  const held = known.get(trust) ?? { issuers: new Map(), hosts: new Map() };
  known.set(trust, held);
  const cache = certificate.ca ? held.issuers : held.hosts;
  const { fingerprint256 } = certificate;
  const before = cache.get(fingerprint256);
  if (before !== undefined) return before;
  const description = describe(certificate, trust);
  if (cache.size >= MAX_KNOWN) cache.clear();
  cache.set(fingerprint256, description);
  return description;
}

function describe(certificate: X509Certificate, trust: Trust): Described {
  const { dnsNames, issuers, revocationLists } = certificateFields(certificate.raw);
  return {
    ...readCertificate(certificate),
    dns_names: dnsNames.map((name) => name.toLowerCase()),
    key_bits: bitsOf(certificate),
    signature: certificate.signatureAlgorithm ?? 'unknown',
    usages: certificate.keyUsage ?? null,
    issuers,
    revocation_lists: revocationLists,
    anchors: anchorsOf(certificate, trust),
  };
}

function anchorsOf(certificate: X509Certificate, trust: Trust): readonly string[] {
  const isRoot = trust
    .rootsNamed(certificate.subject)
    .some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256);
  const roots = isRoot
    ? [certificate]
    : trust.rootsNamed(certificate.issuer).filter((root) => isSignedBy(certificate, root));
  return roots.map(({ fingerprint256 }) => fingerprint256.replaceAll(':', '').toLowerCase());
}

/** A certificate for itself needs no right to sign others: that is how servers make the one they start with. */
function signedIt(one: X509Certificate, issuer: X509Certificate): boolean {
  return one === issuer ? one.subject === one.issuer && verifies(one, issuer) : isSignedBy(one, issuer);
}

/** Names first: a signature is dear to check, and a host may send twenty certificates. */
function isSignedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.issuer === issuer.subject && one.checkIssued(issuer) && verifies(one, issuer);
}

function verifies(one: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return one.verify(issuer.publicKey);
  } catch {
    // A key that this OpenSSL cannot use signs nothing.
    return false;
  }
}

const CURVE_BITS: Readonly<Record<string, number>> = {
  prime192v1: 192,
  secp224r1: 224,
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

function bitsOf({ publicKey }: X509Certificate): number | null {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  return modulusLength ?? CURVE_BITS[namedCurve ?? ''] ?? null;
}
