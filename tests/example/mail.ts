import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { epochMs, type Instant } from '#scripts/core/clock.ts';
import { MAILBOX } from './domains.ts';
import { gzipStored } from './gzip.ts';
import { hex, type Random, seededRandom } from './random.ts';
import type { ExampleReport } from './report.ts';
import { type Reporter, SELECTOR, signingSeed } from './reporters.ts';
import { renderReport } from './wire.ts';

/** A message as it lies in the mailbox: CRLF, trace headers on top. */
export interface Mail {
  /** Milliseconds since the epoch. */
  readonly arrivesAt: number;
  readonly envelopeSender: string;
  readonly bytes: Buffer;
}

/** The host a message comes from, as the receiving server saw it. */
interface Peer {
  readonly name: string;
  readonly address: string;
}

const CRLF = '\r\n';

/** The message that carries a report (RFC 8460 §5.3), not yet signed. `corrupt` may damage the attachment. */
export function composeReport(report: ExampleReport, corrupt: (attachment: Buffer) => Buffer = (same) => same): Buffer {
  const { reporter, domain, day, names } = report;
  const random = seededRandom('mail', reporter.domain, domain, day, String(report.arrivesAt));
  const boundary = boundaryOf(reporter, random);
  const content = Buffer.from(renderReport(report.wire, reporter.json).replaceAll('\n', CRLF));
  const zipped = reporter.attachment === 'gzip';
  const fileName = fileNameOf(report);
  const headers = [
    `Date: ${headerDate(sentAt(report))}`,
    `From: ${reporter.from}`,
    `To: ${MAILBOX}`,
    `Message-ID: <${hex(random, 24)}@${reporter.signingDomain}>`,
    `Subject: Report Domain: ${domain} Submitter: ${reporter.domain}`,
    ` Report-ID: ${names.subjectId}`,
    `TLS-Report-Domain: ${domain}`,
    `TLS-Report-Submitter: ${reporter.domain}`,
    // RFC 8689: a report about broken TLS must not need TLS to arrive.
    ...(reporter.validates.includes('sts') ? [] : ['TLS-Required: No']),
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type="tlsrpt";',
    `\tboundary="${boundary}"`,
  ];
  return message(headers, boundary, [
    humanPart(report),
    [
      `Content-Type: application/tlsrpt+${zipped ? 'gzip' : 'json'}`,
      `Content-Disposition: attachment;${CRLF}\tfilename="${fileName}"`,
      `Content-Transfer-Encoding: ${zipped ? 'base64' : '7bit'}`,
      '',
      zipped ? base64Lines(corrupt(gzipStored(content))) : content.toString(),
    ],
  ]);
}

/** `message` with the reporter's DKIM-Signature on top (RFC 6376, RFC 8463): the same bytes every time. */
export async function sign(message: Buffer, reporter: Reporter, at: number): Promise<Buffer> {
  const { signingDomain, signedHeaders } = reporter;
  const signer = { signingDomain, selector: SELECTOR, privateKey: signingSeed(signingDomain) };
  const { signatures, errors } = await dkimSign(message, {
    ...signer,
    signTime: new Date(at),
    signatureData: [{ ...signer, headerList: signedHeaders }],
  });
  if (errors.length > 0 || signatures === '') throw new Error(`mailauth did not sign for ${signingDomain}.`);
  return Buffer.concat([Buffer.from(signatures), message]);
}

/** What our server makes of a message that it took from `peer`. */
export function deliver(message: Buffer, peer: Peer, envelopeSender: string, arrivesAt: number): Mail {
  const queueId = hex(seededRandom('queue', peer.name, envelopeSender, String(arrivesAt)), 12).toUpperCase();
  const trace = [
    `Return-Path: <${envelopeSender}>`,
    `Delivered-To: ${MAILBOX}`,
    `Received: from ${peer.name} (${peer.name} [${peer.address}])`,
    `\tby mx.organisation.example with ESMTPS id ${queueId}`,
    `\tfor <${MAILBOX}>; ${headerDate(arrivesAt)}`,
    '',
  ];
  return { arrivesAt, envelopeSender, bytes: Buffer.concat([Buffer.from(trace.join(CRLF)), message]) };
}

/** The message that carries a report, signed. */
export function signedReport(report: ExampleReport, corrupt?: (attachment: Buffer) => Buffer): Promise<Buffer> {
  return sign(composeReport(report, corrupt), report.reporter, sentAt(report));
}

/** A report as it arrives from its reporter. */
export async function reportMail(report: ExampleReport, corrupt?: (attachment: Buffer) => Buffer): Promise<Mail> {
  const { reporter, arrivesAt } = report;
  return deliver(await signedReport(report, corrupt), reporter.mailHost, bounceAddress(reporter), arrivesAt);
}

export function bounceAddress(reporter: Reporter): string {
  return `bounces@${reporter.signingDomain}`;
}

/** A multipart message from header lines and parts, each part a list of lines. */
export function message(headers: readonly string[], boundary: string, parts: readonly (readonly string[])[]): Buffer {
  const body = parts.flatMap((part) => [`--${boundary}`, ...part]);
  return Buffer.from([...headers, '', ...body, `--${boundary}--`, ''].join(CRLF));
}

/** RFC 2045 §6.8: lines of 76 characters. */
export function base64Lines(content: Buffer): string {
  return (content.toString('base64').match(/.{1,76}/g) ?? []).join(CRLF);
}

/** RFC 5322 §3.3, always in UTC. */
export function headerDate(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000');
}

/** A minute before it arrives. */
function sentAt({ arrivesAt }: ExampleReport): number {
  return arrivesAt - 60_000;
}

/** `submitter!policy-domain!begin!end[!unique-id].json[.gz]`, RFC 8460 §5.1. */
function fileNameOf({ reporter, domain, names, wire }: ExampleReport): string {
  const { 'start-datetime': start, 'end-datetime': end } = wire['date-range'];
  const seconds = [start, end].map((instant) => epochMs(instant as Instant) / 1000);
  const unique = names.fileId === null ? [] : [names.fileId];
  return `${[reporter.domain, domain, ...seconds, ...unique].join('!')}.json${reporter.attachment === 'gzip' ? '.gz' : ''}`;
}

function humanPart({ reporter, domain, day }: ExampleReport): readonly string[] {
  switch (reporter.human) {
    case 'text':
      return [
        'Content-Type: text/plain; charset="UTF-8"',
        '',
        `This is an aggregate TLS report from ${reporter.domain}`,
        '',
      ];
    case 'html':
      return [
        'Content-Type: text/html; charset="us-ascii"',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        `<p>This is an aggregate TLS report from <b>${reporter.domain}</b>.</p>`,
        '',
      ];
    case 'quoted-from':
      // A line that an mbox must quote: whoever forgets to take the ">" away breaks the signature.
      return [
        'Content-Type: text/plain; charset="us-ascii"',
        '',
        `From 00:00 to 24:00 UTC on ${day} we connected to the MX of ${domain}. The report is attached.`,
        '',
      ];
  }
}

function boundaryOf(reporter: Reporter, random: Random): string {
  return reporter.human === 'html' ? `_${hex(random, 32)}_` : `=_${hex(random, 24)}`;
}
