import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { type Day, epochMs, type Instant } from '#scripts/core/clock.ts';
import { hex, integer, type Random } from './random.ts';

/** A fictional organisation that sends TLS reports, with the habits of a real one. */
export interface Reporter {
  /** The submitter, RFC 8460 §5.3. Under `.example` (RFC 2606 §2), because the signing key is no secret. */
  readonly domain: string;
  readonly organization: string;
  readonly contact: string;
  readonly from: string;
  /** DKIM d=; aligned with the submitter by its organisational domain. */
  readonly signingDomain: string;
  /** DKIM h=. */
  readonly signedHeaders: string;
  readonly mailHost: { readonly name: string; readonly address: string };
  /** Addresses its MTAs connect from: what `sending-mta-ip` shows. */
  readonly sendingAddresses: readonly string[];
  /** Minutes after the reported day's end between which the report arrives. */
  readonly arrival: readonly [from: number, to: number];
  /** Saturday's and Sunday's sessions as a share of a weekday's. */
  readonly weekend: number;
  readonly validates: readonly ('sts' | 'tlsa')[];
  /** Last second of the day, or the next midnight. */
  readonly rangeEnd: '23:59:59' | 'midnight';
  readonly namesMxHost: boolean;
  readonly details: 'full' | 'counts-only' | 'empty-strings' | 'with-reasons';
  readonly json: 'compact' | 'sorted' | 'indented';
  readonly attachment: 'gzip' | 'json';
  readonly human: 'text' | 'html' | 'quoted-from';
  readonly identify: (domain: string, day: Day, random: Random) => ReportNames;
}

export interface ReportNames {
  readonly reportId: string;
  /** As in the Subject, where senders write it differently from the body. */
  readonly subjectId: string;
  /** `unique-id` of the file name (RFC 8460 §5.1), or none. */
  readonly fileId: string | null;
}

const ALL_HEADERS = 'From:To:Subject:Date:Message-ID:TLS-Report-Domain:TLS-Report-Submitter:MIME-Version:Content-Type';
const SOME_HEADERS = 'From:Date:Subject:Message-ID:Content-Type:MIME-Version';

/** Patterned on Google: the largest; the Subject's id differs from the body's; no `failure-details` key when clean. */
export const BIGMAIL: Reporter = {
  domain: 'bigmail.example',
  organization: 'BigMail Inc.',
  contact: 'smtp-tls-reporting@bigmail.example',
  from: 'noreply-smtp-tls-reporting@bigmail.example',
  signingDomain: 'bigmail.example',
  signedHeaders: ALL_HEADERS,
  mailHost: { name: 'mail-tr1.bigmail.example', address: '198.51.100.8' },
  sendingAddresses: ['198.51.100.11', '198.51.100.12', '2001:db8:b16::25'],
  arrival: [600, 640],
  weekend: 0.68,
  validates: ['sts'],
  rangeEnd: '23:59:59',
  namesMxHost: true,
  details: 'full',
  json: 'compact',
  attachment: 'gzip',
  human: 'text',
  identify: (domain, day) => ({
    reportId: `${day}T00:00:00Z_${domain}`,
    subjectId: `<${day.replaceAll('-', '.')}T00.00.00Z+${domain}@bigmail.example>`,
    fileId: '001',
  }),
};

/** Patterned on Microsoft: html first, TLS-Report-* not signed, the same sessions under sts and tlsa, bare details. */
export const OFFICE: Reporter = {
  domain: 'office.example',
  organization: 'Office Mail Corporation',
  contact: 'tlsrpt-noreply@office.example',
  from: '<tlsrpt-noreply@office.example>',
  signingDomain: 'office.example',
  signedHeaders: SOME_HEADERS,
  mailHost: { name: 'outbound.protection.office.example', address: '198.51.100.40' },
  sendingAddresses: ['198.51.100.41'],
  arrival: [125, 330],
  weekend: 0.34,
  validates: ['sts', 'tlsa'],
  rangeEnd: '23:59:59',
  namesMxHost: false,
  details: 'counts-only',
  json: 'compact',
  attachment: 'gzip',
  human: 'html',
  identify: (domain, _day, random) => {
    const reportId = `13${integer(random, 1_000_000_000_000_000, 9_000_000_000_000_000)}+${domain}`;
    return { reportId, subjectId: reportId, fileId: reportId.slice(0, 18) };
  },
};

/** Patterned on Postfix with sys4's tlsrpt: DANE only; without a policy it does not name the policy domain. */
export const POSTHOF: Reporter = {
  domain: 'posthof.example',
  organization: 'Posthof eG',
  contact: 'postmaster@posthof.example',
  from: 'TLS reporting <tlsrpt@posthof.example>',
  signingDomain: 'posthof.example',
  signedHeaders: ALL_HEADERS,
  mailHost: { name: 'mx.posthof.example', address: '203.0.113.10' },
  sendingAddresses: ['203.0.113.10', '2001:db8:905::10'],
  arrival: [5, 20],
  weekend: 0.3,
  validates: ['tlsa'],
  rangeEnd: '23:59:59',
  namesMxHost: false,
  details: 'full',
  json: 'compact',
  attachment: 'gzip',
  human: 'text',
  identify: (domain, day) => ({
    reportId: `${day}T00:00:00Z_idx1_${domain}`,
    subjectId: `<${day}T00:00:00Z_idx1_${domain}@posthof.example>`,
    fileId: 'idx1',
  }),
};

/** Patterned on Mail.ru: the range ends at the next midnight; contact and signature in a subdomain; sorted keys. */
export const POCHTA: Reporter = {
  domain: 'pochta.example',
  organization: 'Pochta',
  contact: 'tls_support@corp.pochta.example',
  from: 'tls_support@corp.pochta.example',
  signingDomain: 'corp.pochta.example',
  signedHeaders: SOME_HEADERS,
  mailHost: { name: 'relay3.corp.pochta.example', address: '198.51.100.70' },
  sendingAddresses: ['198.51.100.97', '198.51.100.98'],
  arrival: [30, 55],
  weekend: 0.8,
  validates: ['sts'],
  rangeEnd: 'midnight',
  namesMxHost: false,
  details: 'with-reasons',
  json: 'sorted',
  attachment: 'gzip',
  human: 'text',
  identify: (_domain, _day, random) => {
    const uuid = [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
    return { reportId: `${uuid}@pochta.example`, subjectId: `<${uuid}@pochta.example>`, fileId: null };
  },
};

/** A small company: nothing at weekends, plain JSON, empty strings for what it does not know (as mox writes). */
export const RELAY_CO: Reporter = {
  domain: 'relay-co.example',
  organization: 'Relay Co',
  contact: 'tls-reports@relay-co.example',
  from: 'Relay Co mail operations <tls-reports@relay-co.example>',
  signingDomain: 'relay-co.example',
  signedHeaders: ALL_HEADERS,
  mailHost: { name: 'out.relay-co.example', address: '203.0.113.40' },
  sendingAddresses: ['203.0.113.40'],
  arrival: [425, 440],
  weekend: 0,
  validates: ['sts'],
  rangeEnd: '23:59:59',
  namesMxHost: true,
  details: 'empty-strings',
  json: 'indented',
  attachment: 'json',
  human: 'quoted-from',
  identify: (domain, day) => ({
    reportId: `${day.replaceAll('-', '')}.${domain}@relay-co.example`,
    subjectId: `<${day.replaceAll('-', '')}.${domain}@relay-co.example>`,
    fileId: null,
  }),
};

export const REPORTERS: readonly Reporter[] = [BIGMAIL, OFFICE, POSTHOF, POCHTA, RELAY_CO];

export const SELECTOR = 'example';

/** The Ed25519 seed (RFC 8032 §5.1.5) of a reporter's signing key: public on purpose, hence no PEM to mistake for a secret. */
export function signingSeed(signingDomain: string): Buffer {
  return createHash('sha256').update(`postern example mail, not a secret: ${signingDomain}`).digest();
}

/** The DKIM key record (RFC 6376 §3.6.1, RFC 8463 §4.2) to {@link signingSeed}. */
function keyRecord(signingDomain: string): string {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), signingSeed(signingDomain)]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  return `v=DKIM1; k=ed25519; p=${raw.toString('base64')}`;
}

/** `domains/_dkim-keys.txt`, the key records that stand in for DNS while the examples are there. */
export function dkimKeysFile(): string {
  const lines = REPORTERS.map(
    ({ signingDomain }) => `${SELECTOR}._domainkey.${signingDomain} TXT "${keyRecord(signingDomain)}"`,
  );
  return `${KEYS_COMMENT}${lines.join('\n')}\n`;
}

const KEYS_COMMENT = `# DKIM keys of the fictional reporters of the example mail, so that it verifies without DNS.
# Their private halves are in the open (tests/example/reporters.ts): anyone can sign as them.
# So only names under .example may ever stand here. No mail on the internet comes from that domain (RFC 2606),
# and a real sender's key here would go stale, or let a forger be believed.
# Remove this file, and network.dkim_keys in _settings.yaml, together with the example domains.
`;

/** When the report of `day` arrives, milliseconds since the epoch. */
export function arrivalOf(reporter: Reporter, day: Day, random: Random): number {
  const [from, to] = reporter.arrival;
  const nextMidnight = epochMs(`${day}T00:00:00Z` as Instant) + 86_400_000;
  return nextMidnight + integer(random, from * 60, to * 60) * 1000;
}
