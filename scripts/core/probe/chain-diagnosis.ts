import { epochMs, type Instant } from '../clock.ts';
import { namesHost } from './certificate-names.ts';
import type { SentCertificate } from './sent-certificate.ts';
import type { FetchedIssuer, RevocationState } from './smtp-look.ts';

/** What is wrong with a certificate or its chain, without saying whose: `mx-cert-` or `policy-cert-` comes before it. */
type CertificateFault = 'name' | 'expired' | 'not-yet-valid' | 'chain' | 'revoked' | 'weak-key';

export interface ChainFault {
  readonly fault: CertificateFault;
  /** A stable word below the fault: `missing-intermediate`. */
  readonly reason: string;
  /** One sentence. Holds text from the certificate. */
  readonly detail: string;
}

export interface ChainDiagnosis {
  /** All of them: a certificate may be expired and have the wrong name. */
  readonly faults: readonly ChainFault[];
  /** Places in the chain from the host's certificate to the one that a trusted root is or signed; null when none leads there. */
  readonly path: readonly number[] | null;
  /** What is odd and harms nobody: `out-of-order`, `stray`, `root-included`. */
  readonly notes: readonly string[];
}

export interface ChainQuestion {
  readonly chain: readonly SentCertificate[];
  readonly host: string;
  readonly now: Instant;
  /** What OpenSSL says against it, or null. */
  readonly objection: string | null;
  readonly fetched_issuer?: FetchedIssuer | null;
  readonly revocation?: Readonly<Record<string, { readonly state: RevocationState; readonly detail: string }>>;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';
/** OpenSSL tells dates by the machine's clock, and names it is not asked about; both are judged here. */
const OWN_JUDGEMENT = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME)/;
const MAX_DEPTH = 10;

/** Judges a chain as a sending MTA does (RFC 8461 §4.2, RFC 5280 §6), by data alone. */
export function diagnoseChain(question: ChainQuestion): ChainDiagnosis {
  const { chain, host, now, objection } = question;
  const [leaf] = chain;
  if (leaf === undefined) {
    return { faults: [fault('chain', 'no-certificate', 'No certificate was sent.')], path: null, notes: [] };
  }
  const path = trustedPath(chain, now);
  const judged = path ?? [0];
  const faults = [
    ...nameFaults(leaf, host),
    ...dateFaults(judged, chain, now),
    ...(path === null ? [brokenChain(question)] : []),
    ...usageFaults(leaf),
    ...weaknesses(judged, chain),
    ...revocations(judged, question),
  ];
  if (faults.length === 0 && objection !== null && !OWN_JUDGEMENT.test(objection))
    faults.push(fault('chain', 'rejected', `OpenSSL rejects the chain: ${objection}.`));
  return { faults, path, notes: oddities(chain, path) };
}

/** The certificate whose issuer was not sent and is no trusted root; null when nothing is missing. */
export function missingIssuer(chain: readonly SentCertificate[]): SentCertificate | null {
  if (chain.length === 0 || pathsOf(chain).some((path) => isAnchored(chain, path))) return null;
  const top = chain[topOf(chain)];
  return top === undefined || top.signed_by.includes(topOf(chain)) ? null : top;
}

/** Whether a chain leads to a trusted root, whatever its dates. */
export function leadsToRoot(chain: readonly SentCertificate[]): boolean {
  return pathsOf(chain).some((path) => isAnchored(chain, path));
}

/** Prefers a path whose certificates are all valid now: a server may send an expired cross-sign beside a good one. */
function trustedPath(chain: readonly SentCertificate[], now: Instant): readonly number[] | null {
  const anchored = pathsOf(chain).filter((path) => isAnchored(chain, path));
  const current = anchored.find((path) => path.slice(1).every((place) => isCurrent(chain[place], now)));
  return current ?? anchored[0] ?? null;
}

function isAnchored(chain: readonly SentCertificate[], path: readonly number[]): boolean {
  return (chain[path.at(-1) ?? -1]?.anchors.length ?? 0) > 0;
}

/** Every way from the host's certificate upwards through those that were sent, shortest first. */
function pathsOf(chain: readonly SentCertificate[]): readonly (readonly number[])[] {
  const paths: number[][] = [[0]];
  for (let index = 0; index < paths.length && paths.length < 100; index += 1) {
    const path = paths[index] ?? [];
    if (path.length >= MAX_DEPTH) continue;
    for (const issuer of chain[path.at(-1) ?? -1]?.signed_by ?? []) {
      if (!path.includes(issuer) && chain[issuer]?.is_ca === true) paths.push([...path, issuer]);
    }
  }
  return paths;
}

function topOf(chain: readonly SentCertificate[]): number {
  return pathsOf(chain).at(-1)?.at(-1) ?? 0;
}

function nameFaults(leaf: SentCertificate, host: string): ChainFault[] {
  if (namesHost(leaf.dns_names, host)) return [];
  const named = leaf.dns_names.length === 0 ? 'no DNS name' : leaf.dns_names.slice(0, 5).join(', ');
  return [fault('name', leaf.dns_names.length === 0 ? 'no-name' : 'other-name', `It names ${named}, not ${host}.`)];
}

function dateFaults(path: readonly number[], chain: readonly SentCertificate[], now: Instant): ChainFault[] {
  return path.flatMap((place) => {
    const one = chain[place];
    // A root is trusted for being in the store; what it says of itself is not asked (RFC 5280 §6.1).
    if (one === undefined || one.anchors.includes(one.sha256)) return [];
    const whose = place === 0 ? 'It' : `The intermediate ${one.subject}`;
    if (epochMs(one.not_after) < epochMs(now)) {
      const detail = `${whose} expired at ${one.not_after}.`;
      return [place === 0 ? fault('expired', 'expired', detail) : fault('chain', 'intermediate-expired', detail)];
    }
    if (epochMs(one.not_before) > epochMs(now)) {
      const detail = `${whose} begins at ${one.not_before}.`;
      return [
        place === 0
          ? fault('not-yet-valid', 'not-yet-valid', detail)
          : fault('chain', 'intermediate-not-yet-valid', detail),
      ];
    }
    return [];
  });
}

function isCurrent(one: SentCertificate | undefined, now: Instant): boolean {
  return one !== undefined && epochMs(one.not_before) <= epochMs(now) && epochMs(one.not_after) >= epochMs(now);
}

function brokenChain({ chain, fetched_issuer = null }: ChainQuestion): ChainFault {
  const place = topOf(chain);
  const top = chain[place];
  if (place === 0 && top?.signed_by.includes(0)) return fault('chain', 'self-signed', 'It signed itself.');
  if (top?.signed_by.includes(place))
    return fault('chain', 'untrusted-root', `It leads to ${top.subject}, which is no trusted root.`);
  const issuer = top?.issuer ?? 'its issuer';
  if (fetched_issuer === null)
    return fault('chain', 'issuer-unknown', `${issuer} was not sent, and nothing says where it can be fetched.`);
  if (fetched_issuer.completes) {
    const detail = `The intermediate ${issuer} was not sent; fetched from ${fetched_issuer.url}, it completes the chain.`;
    return fault('chain', 'missing-intermediate', detail);
  }
  return fault('chain', 'issuer-unknown', `${issuer} was not sent and is no trusted root: ${fetched_issuer.detail}.`);
}

function usageFaults({ usages }: SentCertificate): ChainFault[] {
  if (usages === null || usages.includes(SERVER_AUTH) || usages.includes(ANY_USAGE)) return [];
  return [fault('chain', 'wrong-usage', 'It is not made for servers: extendedKeyUsage lacks serverAuth.')];
}

/** RFC 9325 §4.3 and §4.5: RSA from 2048 bits, elliptic curves from 224, no MD5 and no SHA-1 below the root. */
function weaknesses(path: readonly number[], chain: readonly SentCertificate[]): ChainFault[] {
  return path.flatMap((place) => {
    const one = chain[place];
    if (one === undefined || one.anchors.includes(one.sha256)) return [];
    const whose = place === 0 ? 'its' : `the ${one.subject}`;
    if (one.key_bits !== null && one.key_bits < (one.key.startsWith('EC') ? 224 : 2048))
      return [fault('weak-key', 'short-key', `${one.key} is too short for ${whose} key.`)];
    if (/md5|sha-?1(?!\d)/i.test(one.signature) && !one.signed_by.includes(place))
      return [fault('weak-key', 'weak-signature', `${one.signature} is too weak for ${whose} signature.`)];
    return [];
  });
}

function revocations(path: readonly number[], { chain, revocation = {} }: ChainQuestion): ChainFault[] {
  return path.flatMap((place) => {
    const one = chain[place];
    const known = one === undefined ? undefined : revocation[one.sha256];
    if (one === undefined || known?.state !== 'revoked') return [];
    const whose = place === 0 ? 'It' : `The intermediate ${one.subject}`;
    return [
      fault('revoked', place === 0 ? 'revoked' : 'intermediate-revoked', `${whose} is revoked: ${known.detail}.`),
    ];
  });
}

function oddities(chain: readonly SentCertificate[], path: readonly number[] | null): readonly string[] {
  if (path === null) return [];
  const inOrder = path.every((place, index) => index === 0 || place > (path[index - 1] ?? 0));
  // A root at the end, or a cross-sign that leads to another root, belongs to the chain; whatever signed nothing does not.
  const used = new Set(pathsOf(chain).flat());
  const roots = chain.filter(
    (one, place) => one.anchors.includes(one.sha256) || (place > 0 && one.signed_by.includes(place)),
  );
  return [
    ...(inOrder ? [] : ['out-of-order']),
    ...(chain.some((_, place) => !used.has(place)) ? ['stray'] : []),
    ...(roots.length > 0 ? ['root-included'] : []),
  ];
}

function fault(kind: CertificateFault, reason: string, detail: string): ChainFault {
  return { fault: kind, reason, detail };
}
