import { createPki, type Identity } from '../pki.ts';
import type { Peculiarity } from './fault-server.ts';

/** The identities a laboratory's mail servers present, with dates relative to a clock. `http`: where issuers and lists stand. */
export function mailIdentities(nowMs: number, host: string, http: string) {
  const pki = createPki(nowMs);
  const aia = `${http}/inter.der`;
  const crl = `${http}/inter.crl`;
  const root = pki.certificate({ name: 'Lab Root', ca: true, from: -400, to: 3650 });
  const foreign = pki.certificate({ name: 'Foreign Root', ca: true, from: -400, to: 3650 });
  const inter = pki.certificate({ name: 'Lab Intermediate R1', ca: true, issuer: root, from: -300, to: 1000 });
  const oldInter = pki.certificate({ name: 'Lab Intermediate R0', ca: true, issuer: root, from: -300, to: -5 });
  const stray = pki.certificate({ name: 'Stray', ca: true, issuer: foreign });
  const leaf = (changes: Partial<Parameters<typeof pki.certificate>[0]>): Identity =>
    pki.certificate({ name: host, issuer: inter, dns: [host], aia, crl, ...changes });
  const parent = host.slice(host.indexOf('.') + 1);
  const revoked = leaf({});
  const upper = pki.certificate({ name: 'Lab Upper', ca: true, issuer: root });
  const lower = pki.certificate({ name: 'Lab Lower', ca: true, issuer: upper });
  return {
    underChain: { leaf: pki.certificate({ name: host, issuer: lower, dns: [host] }), lower, upper },
    root,
    foreign,
    inter,
    oldInter,
    stray,
    good: leaf({}),
    rsa: leaf({ key: 'rsa' }),
    weak: leaf({ key: 'rsa1024' }),
    sha1: leaf({ hash: 'sha1' }),
    expired: leaf({ from: -100, to: -10 }),
    future: leaf({ from: 5, to: 95 }),
    soon: leaf({ from: -84, to: 6 }),
    sixDays: leaf({ from: -1, to: 5 }),
    otherName: leaf({ dns: ['other.lab.test'] }),
    expiredOtherName: leaf({ dns: ['other.lab.test'], from: -100, to: -10 }),
    commonNameOnly: leaf({ dns: [] }),
    wildcard: leaf({ dns: [`*.${parent}`] }),
    wildcardTooHigh: leaf({ dns: [`*.${parent.slice(parent.indexOf('.') + 1)}`] }),
    clientOnly: leaf({ usage: 'client' }),
    revoked,
    underOld: pki.certificate({ name: host, issuer: oldInter, dns: [host] }),
    selfSigned: pki.certificate({ name: host, dns: [host] }),
    orphan: pki.certificate({ name: host, issuer: inter, dns: [host] }),
    foreignLeaf: pki.certificate({ name: host, issuer: foreign, dns: [host] }),
    revocationList: pki.revocationList(inter, [revoked.serial]),
  };
}

export type MailIdentities = ReturnType<typeof mailIdentities>;

/** What a probe must say of a server: outcome, code and the reason below it. */
export interface Fault {
  readonly server: Peculiarity;
  /** `code reason`, sorted; `ok` when sound. */
  readonly seen: readonly string[];
  /** It never answers: only a deadline ends the look. */
  readonly hangs?: true;
  /** Words that `facts.notes` must hold. */
  readonly notes?: readonly string[];
}

/** Every server that must be told apart. */
export function mailFaults(id: MailIdentities): Readonly<Record<string, Fault>> {
  const chain = [id.good, id.inter];
  const bad = (code: string, reason: string): readonly string[] => [`bad ${code} ${reason}`];
  const unknown = (code: string): readonly string[] => [`unknown ${code}`];
  const sound = ['ok'];
  return {
    good: { server: { chain }, seen: sound },
    rsa: { server: { chain: [id.rsa, id.inter] }, seen: sound },
    wildcard: { server: { chain: [id.wildcard, id.inter] }, seen: sound },
    'six-day certificate': { server: { chain: [id.sixDays, id.inter] }, seen: sound },
    'multi-line greeting': { server: { chain, greeting: '220-welcome\r\n220 mx1.lab.test ESMTP' }, seen: sound },
    'slow greeting': { server: { chain, delay: 700 }, seen: sound },
    'asks for a client certificate': { server: { chain, askClientCertificate: 'request' }, seen: sound },
    'OCSP stapled': { server: { chain, ocsp: true }, seen: sound, notes: ['ocsp-stapled'] },
    'TLS 1.2 only': { server: { chain, versions: { min: 'TLSv1.2', max: 'TLSv1.2' } }, seen: sound },
    'TLS 1.3 only': { server: { chain, versions: { min: 'TLSv1.3', max: 'TLSv1.3' } }, seen: sound },
    'out of order with strays': {
      server: { chain: [id.underChain.leaf, id.stray, id.underChain.upper, id.underChain.lower] },
      seen: sound,
      notes: ['out-of-order', 'stray'],
    },
    'root included': { server: { chain: [id.good, id.inter, id.root] }, seen: sound, notes: ['root-included'] },
    expired: { server: { chain: [id.expired, id.inter] }, seen: bad('mx-cert-expired', 'expired') },
    'not yet valid': { server: { chain: [id.future, id.inter] }, seen: bad('mx-cert-not-yet-valid', 'not-yet-valid') },
    expiring: { server: { chain: [id.soon, id.inter] }, seen: bad('mx-cert-expiring', 'critical') },
    'wrong name': { server: { chain: [id.otherName, id.inter] }, seen: bad('mx-cert-name', 'other-name') },
    'common name only': { server: { chain: [id.commonNameOnly, id.inter] }, seen: bad('mx-cert-name', 'no-name') },
    'star above': { server: { chain: [id.wildcardTooHigh, id.inter] }, seen: bad('mx-cert-name', 'other-name') },
    'expired and wrong name': {
      server: { chain: [id.expiredOtherName, id.inter] },
      seen: ['bad mx-cert-expired expired', 'bad mx-cert-name other-name'],
    },
    'missing intermediate': { server: { chain: [id.good] }, seen: bad('mx-cert-chain', 'missing-intermediate') },
    'unknown issuer': { server: { chain: [id.orphan] }, seen: bad('mx-cert-chain', 'issuer-unknown') },
    'intermediate expired': {
      server: { chain: [id.underOld, id.oldInter] },
      seen: bad('mx-cert-chain', 'intermediate-expired'),
    },
    'self-signed': { server: { chain: [id.selfSigned] }, seen: bad('mx-cert-chain', 'self-signed') },
    'untrusted root': { server: { chain: [id.foreignLeaf, id.foreign] }, seen: bad('mx-cert-chain', 'untrusted-root') },
    'for clients only': { server: { chain: [id.clientOnly, id.inter] }, seen: bad('mx-cert-chain', 'wrong-usage') },
    revoked: { server: { chain: [id.revoked, id.inter] }, seen: bad('mx-cert-revoked', 'revoked') },
    'short key': { server: { chain: [id.weak, id.inter] }, seen: bad('mx-cert-weak-key', 'short-key') },
    'SHA-1': { server: { chain: [id.sha1, id.inter] }, seen: bad('mx-cert-weak-key', 'weak-signature') },
    'TLS 1.0 only': { server: { chain, versions: { min: 'TLSv1', max: 'TLSv1' } }, seen: bad('mx-tls-old', 'version') },
    'no STARTTLS': { server: { chain, ehlo: 'no-starttls' }, seen: bad('mx-no-starttls', 'not-offered') },
    'HELO only': { server: { chain, ehlo: 'refuse' }, seen: bad('mx-no-starttls', 'no-ehlo') },
    'binary garbage': { server: { flood: 'garbage' }, seen: bad('mx-no-starttls', 'not-smtp') },
    'endless banner': { server: { flood: 'banner' }, seen: bad('mx-no-starttls', 'too-long') },
    'endless line': { server: { flood: 'line' }, seen: bad('mx-no-starttls', 'too-long') },
    '454 to STARTTLS': { server: { chain, starttls: '454 not now' }, seen: bad('mx-handshake', 'starttls-temporary') },
    '501 to STARTTLS': { server: { chain, starttls: '501 never' }, seen: bad('mx-handshake', 'starttls-refused') },
    'silence after STARTTLS': {
      server: { chain, after: 'silence' },
      seen: bad('mx-handshake', 'timeout'),
      hangs: true,
    },
    'reset after STARTTLS': { server: { chain, after: 'reset' }, seen: bad('mx-handshake', 'closed') },
    'closed after STARTTLS': { server: { chain, after: 'close' }, seen: bad('mx-handshake', 'closed') },
    'bytes injected': { server: { chain, after: 'inject' }, seen: bad('mx-handshake', 'injected') },
    'demands a client certificate': {
      server: { chain, askClientCertificate: 'require' },
      seen: bad('mx-handshake', 'client-certificate'),
    },
    'demands a client certificate, TLS 1.2': {
      server: { chain, askClientCertificate: 'require', versions: { min: 'TLSv1.2', max: 'TLSv1.2' } },
      seen: bad('mx-handshake', 'alert'),
    },
    'other certificate without SNI': {
      server: { chain, chainWithoutName: [id.otherName, id.inter] },
      seen: bad('mx-sni-required', 'other-name'),
    },
    'greeting 421': { server: { chain, greeting: '421 later' }, seen: unknown('greeting-temporary') },
    'greeting 554': { server: { chain, greeting: '554 not you' }, seen: unknown('greeting-refused') },
    'closes at once': { server: { chain, atOnce: 'close' }, seen: unknown('greeting-closed') },
    'resets at once': { server: { chain, atOnce: 'reset' }, seen: unknown('greeting-closed') },
    'EHLO 421': { server: { chain, ehlo: 'temporary' }, seen: unknown('ehlo-temporary') },
    'closed at EHLO': { server: { chain, ehlo: 'close' }, seen: unknown('ehlo-closed') },
    tarpit: { server: { chain, drip: 400 }, seen: unknown('greeting-timeout'), hangs: true },
    'no greeting': { server: { chain, greeting: null }, seen: unknown('greeting-timeout'), hangs: true },
  };
}
