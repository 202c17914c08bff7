import { gzipSync } from 'node:zlib';
import { composeMail, reportJson, tlsrptPart } from '../io/mail/report-mail.ts';
import { zipOf } from '../io/mail/zip.ts';

const MB = 2 ** 20;

export const inMail = (content: Uint8Array) => composeMail({ parts: [tlsrptPart({}, { content })] });
const HEAD = 'From: a@b.example\r\nTLS-Report-Domain: example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';

/** A gzip that unpacks to so many megabytes of blanks, made in pieces. */
const blanks = (megabytes: number): Buffer => {
  const one = gzipSync(Buffer.alloc(MB, 0x20), { level: 9 });
  return Buffer.concat(Array.from({ length: megabytes }, () => one));
};

function nestedParts(depth: number): Buffer {
  let text = HEAD;
  for (let at = 0; at < depth; at += 1) {
    text += `--b${at === 0 ? '' : at}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`;
  }
  return Buffer.from(text);
}

function mailsInMails(depth: number): Buffer {
  let mail = composeMail({ parts: [tlsrptPart(reportJson())] });
  for (let at = 0; at < depth; at += 1) {
    const part = { type: 'message/rfc822', content: mail, encoding: '7bit' as const };
    mail = composeMail({ headers: [], type: 'multipart/mixed', parts: [part] });
  }
  return mail;
}

function manyPolicies(count: number): Buffer {
  const report = JSON.stringify(reportJson({ policies: ['@'] }));
  return Buffer.from(report.replace('"@"', Array(count).fill('{}').join()));
}

/** Why it is quarantined, and what it is: a mail, or a file that somebody hands over. */
export const BOMBS: Readonly<Record<string, readonly [string, () => Uint8Array]>> = {
  'gzip of 2 GB': ['bomb', () => gzipSync(gzipSync(blanks(2000)))],
  'gzip of 60 MB in a mail': ['bomb', () => inMail(gzipSync(Buffer.alloc(60 * MB, 0x20)))],
  '2000 gzip members': ['bomb', () => inMail(blanks(2000))],
  'zip that lies about its size': [
    'zip-damaged',
    () => inMail(zipOf([{ name: 'r.json', content: Buffer.alloc(45 * MB, 0x20), claimedSize: 10 }])),
  ],
  'zip of 60 MB': ['bomb', () => inMail(zipOf([{ name: 'r.json', content: Buffer.alloc(60 * MB, 0x20) }]))],
  '500,000 parts': ['mime-limits', () => Buffer.from(`${HEAD}${'--b\r\n\r\n'.repeat(500_000)}--b--\r\n`)],
  '100,000 nested parts': ['mime-limits', () => nestedParts(100_000)],
  '60 mails in mails': ['nested', () => mailsInMails(60)],
  '1,000,000 policies': ['too-many-values', () => manyPolicies(1_000_000)],
  '1,000,000 policies, packed': ['bomb', () => inMail(gzipSync(manyPolicies(1_000_000)))],
  '1,000,000 reports in a list': ['too-many-values', () => Buffer.from(`[${'{},'.repeat(1_000_000)}{}]`)],
  '1,000,000 reports in lines': ['missing:date-range', () => Buffer.from('{}\n'.repeat(1_000_000))],
  'JSON 2,000,000 deep': ['too-deep', () => Buffer.from('['.repeat(2_000_000))],
  'a header of 24 MB': [
    'header-too-large',
    () => Buffer.from(`From: a@b.example\r\nX: ${'y'.repeat(24 * MB)}\r\n\r\n`),
  ],
};
