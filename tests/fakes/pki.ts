import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, integer, octets, oid, sequence, time, tlv, utf8, yes } from './der.ts';

const DAY_MS = 86_400_000;

export interface Identity {
  readonly name: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  readonly der: Buffer;
  readonly pem: string;
  readonly keyPem: string;
  readonly serial: string;
}

export interface CertificateOptions {
  /** Common name. */
  readonly name: string;
  /** Null signs itself. */
  readonly issuer?: Identity | null;
  /** Days from the clock. */
  readonly from?: number;
  readonly to?: number;
  readonly dns?: readonly string[];
  readonly ca?: boolean;
  readonly key?: 'ec' | 'rsa' | 'rsa1024';
  readonly hash?: 'sha256' | 'sha1';
  readonly aia?: string;
  readonly crl?: string;
  /** Extended key usage; null leaves it out. */
  readonly usage?: 'server' | 'client' | null;
  readonly reuse?: Pick<Identity, 'key' | 'publicKey' | 'keyPem'>;
}

const SIGNATURES = {
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha1': '1.2.840.10045.4.1',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha1': '1.2.840.113549.1.1.5',
} as const;

/** Keys are dear: tests of one process share them where it does not matter whose they are. */
const rsaKeys = new Map<number, ReturnType<typeof newKey>>();

/** Certificates (RFC 5280) whose dates are relative to a clock, made without any tool. */
export function createPki(nowMs: number) {
  return {
    certificate: (options: CertificateOptions): Identity => makeCertificate(nowMs, options),
    /** A list of revoked serials, signed by the issuer. */
    revocationList: (issuer: Identity, serials: readonly string[], to = 7): Buffer => {
      const algorithm = algorithmOf(issuer.key, 'sha256');
      const entries = serials.map((serial) => sequence(integer(serial), time(nowMs - DAY_MS)));
      const signed = sequence(
        integer('01'),
        algorithm,
        nameOf(issuer.name),
        time(nowMs - DAY_MS),
        time(nowMs + to * DAY_MS),
        ...(entries.length === 0 ? [] : [sequence(...entries)]),
      );
      return sequence(signed, algorithm, bits(sign('sha256', signed, issuer.key)));
    },
  };
}

function makeCertificate(nowMs: number, options: CertificateOptions): Identity {
  const { name, issuer = null, from = -1, to = 89, dns = [], ca = false, hash = 'sha256' } = options;
  const pair = options.reuse ?? keyFor(options.key ?? 'ec');
  const signer = issuer ?? { key: pair.key, name, publicKey: pair.publicKey };
  const algorithm = algorithmOf(signer.key, hash);
  const serial = `4${randomBytes(15).toString('hex')}1`.slice(0, 32);
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const usage = options.usage === undefined ? (ca ? null : 'server') : options.usage;
  const extensions = [
    extension('2.5.29.19', ca ? sequence(yes) : sequence(), true),
    extension('2.5.29.15', ca ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7), true),
    extension('2.5.29.14', octets(keyIdentifier(pair.publicKey))),
    extension('2.5.29.35', sequence(tlv(0x80, keyIdentifier(signer.publicKey)))),
    ...(usage === null ? [] : [extension('2.5.29.37', sequence(oid(`1.3.6.1.5.5.7.3.${usage === 'server' ? 1 : 2}`)))]),
    ...(dns.length === 0 ? [] : [extension('2.5.29.17', sequence(...dns.map((one) => tlv(0x82, Buffer.from(one)))))]),
    ...(options.aia === undefined
      ? []
      : [
          extension(
            '1.3.6.1.5.5.7.1.1',
            sequence(sequence(oid('1.3.6.1.5.5.7.48.2'), tlv(0x86, Buffer.from(options.aia)))),
          ),
        ]),
    ...(options.crl === undefined
      ? []
      : [extension('2.5.29.31', sequence(sequence(tlv(0xa0, tlv(0xa0, tlv(0x86, Buffer.from(options.crl)))))))]),
  ];
  const signed = sequence(
    tlv(0xa0, integer('02')),
    integer(serial),
    algorithm,
    nameOf(signer.name),
    sequence(time(nowMs + from * DAY_MS), time(nowMs + to * DAY_MS)),
    nameOf(name),
    spki,
    tlv(0xa3, sequence(...extensions)),
  );
  const der = sequence(signed, algorithm, bits(sign(hash, signed, signer.key)));
  // No empty line when the last one is full: OpenSSL refuses such a certificate.
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { name, key: pair.key, publicKey: pair.publicKey, keyPem: pair.keyPem, der, pem, serial };
}

function keyFor(kind: 'ec' | 'rsa' | 'rsa1024') {
  if (kind === 'ec') return newKey(0);
  const length = kind === 'rsa' ? 2048 : 1024;
  const known = rsaKeys.get(length) ?? newKey(length);
  rsaKeys.set(length, known);
  return known;
}

function newKey(rsaBits: number) {
  const { privateKey, publicKey } =
    rsaBits === 0
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  return { key: privateKey, publicKey, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function algorithmOf(key: KeyObject, hash: 'sha256' | 'sha1'): Buffer {
  const kind = key.asymmetricKeyType === 'ec' ? 'ec' : 'rsa';
  const id = oid(SIGNATURES[`${kind} ${hash}`]);
  return kind === 'ec' ? sequence(id) : sequence(id, tlv(0x05));
}

function nameOf(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), utf8(name))));
}

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return critical ? sequence(oid(id), yes, octets(value)) : sequence(oid(id), octets(value));
}
