import { createHash } from 'node:crypto';
import { addDays, dayOf, type Instant } from '#scripts/core/clock.ts';
import type { SentCertificate } from '#scripts/core/probe/sent-certificate.ts';

/** A CA of the story: the certificate it signs with, and for how many days it issues. */
interface Authority {
  readonly subject: string;
  readonly days: number;
}

const SHORT: Authority = { subject: "CN=R12, O=Let's Encrypt, C=US", days: 90 };
const LONG: Authority = { subject: 'CN=DigiCert Cloud Services CA-1, O=DigiCert Inc, C=US', days: 199 };

/** Certificates of one host: the moments at which each began to be valid and was loaded, oldest first. */
interface Host {
  readonly by: Authority;
  readonly subject?: string;
  readonly names?: readonly string[];
  /** SHA-256 of the key, where TLSA records name it: it is kept at each renewal. Else each certificate has its own. */
  readonly key?: string;
  readonly issued: readonly (readonly [begins: string, loaded: string])[];
}

const MICROSOFT = 'mail.protection.outlook.com';

const HOSTS: Readonly<Record<string, Host>> = {
  'mx1.example.com': {
    by: SHORT,
    key: '89bcd7dc98c627e5cff5b821be4efae18c8d917fe2fabee66fe02aa14c49dfea',
    issued: [at('2026-08-24T02:10:00Z'), at('2026-10-23T02:10:00Z')],
  },
  // Renewed in September like every time, and the mail server went on with the old one until somebody looked.
  'mx2.example.com': {
    by: SHORT,
    key: '2643dbc4d0bc3a32a4112d2d3d3c0a63215348f0444b36c3e3729728c1f102bc',
    issued: [at('2026-07-14T06:00:00Z'), ['2026-09-12T06:00:00Z', '2026-10-14T10:05:00Z'], at('2026-11-11T06:00:00Z')],
  },
  'mta-sts.example.com': { by: SHORT, issued: [at('2026-08-09T11:30:00Z'), at('2026-10-08T11:30:00Z')] },
  'example-net.mail.protection.outlook.com': {
    by: LONG,
    subject: `CN=${MICROSOFT}, O=Microsoft Corporation, C=US`,
    names: [MICROSOFT, `*.${MICROSOFT}`],
    issued: [at('2026-09-02T00:00:00Z')],
  },
  'mta-sts.example.net': { by: SHORT, issued: [at('2026-11-03T07:40:00Z')] },
  'mail.example.org': { by: SHORT, issued: [at('2026-09-06T04:00:00Z'), at('2026-11-05T04:00:00Z')] },
  // Nobody renews on a host that is to go; mail still passes through it.
  'backup.example.org': { by: SHORT, issued: [at('2026-09-05T04:00:00Z')] },
  'mta-sts.example.org': { by: SHORT, issued: [at('2026-08-30T09:00:00Z'), at('2026-10-29T09:00:00Z')] },
};

/** What a host presents at a moment: its own certificate, and the one that signed it. */
export function chainOf(host: string, moment: Instant): readonly SentCertificate[] {
  const known = HOSTS[host];
  const begins = known?.issued.findLast(([, loaded]) => loaded <= moment)?.[0];
  if (known === undefined || begins === undefined) throw new RangeError(`${host} has no certificate at ${moment}`);
  const { by, subject = `CN=${host}`, names = [host], key } = known;
  const serial = sha256(`serial of ${host} ${begins}`).slice(0, 36);
  const leaf = certificate({
    subject,
    issuer: by.subject,
    serial,
    begins,
    days: by.days,
    names,
    key: key ?? sha256(`key of ${host} ${begins}`),
  });
  const issuer = certificate({
    subject: by.subject,
    issuer: 'CN=Root of the example, O=Nobody',
    serial: sha256(`serial of ${by.subject}`).slice(0, 32),
    begins: '2024-03-13T00:00:00Z',
    days: 1095,
    names: [],
    key: sha256(`key of ${by.subject}`),
  });
  return [
    { ...leaf, signed_by: [1] },
    { ...issuer, is_ca: true, anchors: [sha256('root')] },
  ];
}

/** The digest of a key of {@link chainOf}: the certificates are none, so their keys are told by their digests alone. */
export function keyDigest(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function certificate(made: {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly begins: string;
  readonly days: number;
  readonly names: readonly string[];
  readonly key: string;
}): SentCertificate {
  const { subject, issuer, serial, begins, days, names, key } = made;
  // RFC 5280 §4.1.2.5: the last second belongs to it.
  const end = Date.parse(`${addDays(dayOf(begins as Instant), days)}T${begins.slice(11)}`) - 1000;
  return {
    der: Buffer.from(serial, 'hex'),
    spki: Buffer.from(key, 'hex'),
    sha256: sha256(serial),
    spki_sha256: key,
    subject,
    issuer,
    serial,
    not_before: begins as Instant,
    not_after: new Date(end).toISOString().replace('.000', '') as Instant,
    dns_names: names,
    common_name: null,
    is_ca: false,
    key: 'EC prime256v1',
    key_bits: 256,
    signature: 'ecdsa-with-SHA384',
    usages: names.length === 0 ? null : ['1.3.6.1.5.5.7.3.1'],
    issuers: [],
    revocation_lists: [],
    signed_by: [],
    anchors: [],
  };
}

/** Loaded half an hour after it was issued. */
function at(begins: string): readonly [string, string] {
  return [begins, new Date(Date.parse(begins) + 1_800_000).toISOString().replace('.000', '')];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
