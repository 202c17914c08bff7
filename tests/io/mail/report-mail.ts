import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';

/** A TLS report as it stands on the wire; `changes` replace its members. */
export function reportJson(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    'organization-name': 'Sender Example',
    'date-range': { 'start-datetime': '2026-11-18T00:00:00Z', 'end-datetime': '2026-11-18T23:59:59Z' },
    'contact-info': 'tls@sender.example',
    'report-id': '2026-11-18_example.com',
    policies: [policyJson('example.com')],
    ...changes,
  };
}

export function policyJson(domain: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    policy: {
      'policy-type': 'sts',
      'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 604800'],
      'policy-domain': domain,
      'mx-host': ['mx1.example.com'],
    },
    summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 0 },
    ...changes,
  };
}

export interface Part {
  readonly type: string;
  readonly name?: string;
  readonly content: Uint8Array;
  /** 7bit and 8bit parts stand as they are. */
  readonly encoding?: 'base64' | '7bit';
}

/** The part RFC 8460 §5.3 asks for. */
export function tlsrptPart(json: Readonly<Record<string, unknown>>, changes: Partial<Part> = {}): Part {
  return {
    type: 'application/tlsrpt+gzip',
    name: 'sender.example!example.com!1795219200!1795305599.json.gz',
    content: gzipSync(JSON.stringify(json)),
    ...changes,
  };
}

export interface MailShape {
  readonly headers?: readonly string[];
  /** Of the whole mail. */
  readonly type?: string;
  readonly parts: readonly Part[];
}

const HEADERS = [
  'From: tls-reports@sender.example',
  'To: reports@organisation.example',
  'Date: Thu, 19 Nov 2026 03:00:00 +0000',
  'Message-ID: <1@sender.example>',
  'Subject: Report Domain: example.com Submitter: sender.example Report-ID: <1@sender.example>',
];

/** The fields of RFC 8460 §5.3. */
export const TLS_REPORT_HEADERS = ['TLS-Report-Domain: example.com', 'TLS-Report-Submitter: sender.example'];

/** A mail with CRLF line ends, unsigned. */
export function composeMail({ headers = TLS_REPORT_HEADERS, type, parts }: MailShape): Buffer {
  // A mail within another one needs another boundary (RFC 2046 §5.1.2): it is smaller.
  const boundary = `limit-${parts.reduce((bytes, { content }) => bytes + content.length, 0)}`;
  const lines: (string | Buffer)[] = [
    ...HEADERS,
    ...headers,
    'MIME-Version: 1.0',
    `Content-Type: ${type ?? 'multipart/report; report-type="tlsrpt"'}; boundary="${boundary}"`,
    '',
  ];
  for (const part of [{ type: 'text/plain', content: Buffer.from('A report.'), encoding: '7bit' as const }, ...parts]) {
    const { type: partType, content, encoding = 'base64' } = part;
    lines.push(`--${boundary}`, `Content-Type: ${partType}`, `Content-Transfer-Encoding: ${encoding}`);
    const name = 'name' in part ? part.name : undefined;
    if (name !== undefined) lines.push(`Content-Disposition: attachment; filename="${name}"`);
    lines.push('', encoding === 'base64' ? base64Lines(content) : Buffer.from(content));
  }
  lines.push(`--${boundary}--`, '');
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')]));
}

function base64Lines(content: Uint8Array): string {
  return (
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');
}

/** As uuencode(1) writes a file. */
export function uuencode(name: string, bytes: Uint8Array): string {
  const lines = [`begin 644 ${name}`];
  const character = (six: number): string => String.fromCharCode((six & 63) + 0x20);
  for (let from = 0; from < bytes.length; from += 45) {
    const line = bytes.subarray(from, from + 45);
    let text = character(line.length);
    for (let at = 0; at < line.length; at += 3) {
      const [a = 0, b = 0, c = 0] = line.subarray(at, at + 3);
      text += [a >> 2, (a << 4) | (b >> 4), (b << 2) | (c >> 6), c].map(character).join('');
    }
    lines.push(text);
  }
  return [...lines, '`', 'end', ''].join('\n');
}

export interface Signer {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: string;
  /** Name and TXT record of the key. */
  readonly name: string;
  readonly record: string;
}

/** A new Ed25519 key (RFC 8463); `tags` stand before `p=` in its record. */
export function newSigner(domain: string, tags = 'v=DKIM1; k=ed25519; '): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = (publicKey as KeyObject).export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    domain,
    selector: 's1',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name: `s1._domainkey.${domain}`,
    record: `${tags}p=${raw.toString('base64')}`,
  };
}

export interface Signing {
  /** Seconds the signature is good for. */
  readonly expires?: number;
  readonly maxBodyLength?: number;
  readonly signTime?: Date;
}

/** The mail with a DKIM-Signature on top. */
export async function signMail(mail: Buffer, signer: Signer, signing: Signing = {}): Promise<Buffer> {
  const signTime = signing.signTime ?? new Date('2026-11-19T03:00:00Z');
  const { signatures, errors } = await dkimSign(mail, {
    signingDomain: signer.domain,
    selector: signer.selector,
    privateKey: signer.privateKey,
    signTime,
    ...(signing.expires === undefined ? {} : { expires: new Date(signTime.getTime() + signing.expires * 1000) }),
    signatureData: [
      {
        signingDomain: signer.domain,
        selector: signer.selector,
        privateKey: signer.privateKey,
        ...(signing.maxBodyLength === undefined ? {} : { maxBodyLength: signing.maxBodyLength }),
      },
    ],
  });
  if (errors.length > 0 || signatures === '')
    throw new Error(`not signed: ${errors[0]?.err.message ?? 'no signature'}`);
  return Buffer.concat([Buffer.from(signatures), mail]);
}
