import { utf8Of } from '../../standards/json-text.ts';
import { type ContentKind, contentKind } from './content-kind.ts';
import { type Decompressed, gunzip } from './gunzip.ts';
import { DECOMPRESSED_BYTES, NESTING, type ReadFault } from './limits.ts';
import type { Mail, MailReading } from './mime.ts';
import { uuencodedFiles } from './uuencoded.ts';

/** Something that says it is a TLS report, or looks like one. */
export interface ReportPart {
  readonly json: Uint8Array;
  readonly fileName: string | null;
  /** The mail it came in, the innermost when one was forwarded in another: its signature is the reporter's. */
  readonly mail: Mail | null;
  /** What had to be done to find it there: warnings of its report. */
  readonly repairs: readonly string[];
}

/** What was found in one mail or file. */
export interface OpenedSource {
  readonly reports: readonly ReportPart[];
  /** What may be a report and cannot be opened. */
  readonly faults: readonly ReadFault[];
  /** The mail itself when the source is one. */
  readonly mail: Mail | null;
  /** A DMARC aggregate report (RFC 7489 §7.2) was in it. */
  readonly dmarc: boolean;
}

/** gzip in zip in mail in mail: nobody means more. */
const CONTAINERS = 6;
const TLSRPT_TYPE = /^application\/tlsrpt\b/;
/** RFC 8460 §5.1 file names. */
const TLSRPT_NAME = /^[^!]+![^!]+!\d+!\d+(?:![^!]*)?\.json(?:\.gz)?$/i;

/**
 * Opens whatever strangers send: mail, gzip, zip and JSON, within each other, by content. Nothing here throws, whatever the
 * bytes. `name` is the file name, for what it says. `unpacked` is what a gzip holds, when that is known (gunzip-many.ts). A
 * report file is opened at once, mail and archives later.
 */
export function openSource(
  bytes: Buffer,
  name: string,
  unpacked: Buffer | null = null,
): OpenedSource | Promise<OpenedSource> {
  const kind = contentKind(bytes);
  if (kind === 'json' || kind === 'unknown') return reportFile(bytes, name);
  if (kind === 'gzip') {
    const content = unpacked ?? contentOf(gunzip(bytes, DECOMPRESSED_BYTES));
    if (content !== null && contentKind(content) === 'json') return reportFile(content, name);
  }
  return openContainer(bytes, name, kind);
}

function contentOf(content: Decompressed): Buffer | null {
  return content.ok && content.rest === undefined ? content.bytes : null;
}

function reportFile(json: Buffer, fileName: string): OpenedSource {
  return { reports: [{ json, fileName, mail: null, repairs: [] }], faults: [], mail: null, dmarc: false };
}

async function openContainer(bytes: Buffer, name: string, kind: ContentKind): Promise<OpenedSource> {
  const opening: Opening = { reports: [], faults: [], dmarc: false, budget: DECOMPRESSED_BYTES };
  const outer = kind === 'mail' ? await readMail(bytes) : null;
  if (outer === null) {
    await open(opening, bytes, { name, claimed: true, mail: null, repairs: [], containers: 0, mails: 0 });
    if (opening.reports.length + opening.faults.length === 0 && !opening.dmarc && kind !== 'empty') {
      opening.faults.push({ reason: 'no-report', message: 'There is no TLS report in it (RFC 8460 §4.4).' });
    }
  } else if (outer.ok) {
    await openMail(opening, outer.mail, 0, 1);
  } else {
    opening.faults.push({ reason: outer.reason, message: outer.message });
  }
  const { reports, faults, dmarc } = opening;
  return { reports, faults, dmarc, mail: outer?.ok ? outer.mail : null };
}

interface Opening {
  readonly reports: ReportPart[];
  readonly faults: ReadFault[];
  dmarc: boolean;
  /** Bytes that may still come out of compression. */
  budget: number;
}

interface Place {
  readonly name: string | null;
  /** Somebody says that it is a TLS report: when it cannot be read, that is a fault. */
  readonly claimed: boolean;
  readonly mail: Mail | null;
  readonly repairs: readonly string[];
  readonly containers: number;
  readonly mails: number;
}

async function open(opening: Opening, bytes: Buffer, place: Place): Promise<void> {
  const inner = { ...place, containers: place.containers + 1 };
  const kind = contentKind(bytes);
  if (inner.containers > CONTAINERS && (kind === 'gzip' || kind === 'zip' || kind === 'mail')) {
    opening.faults.push({ reason: 'nested', message: `It is packed more than ${CONTAINERS} times.` });
    return;
  }
  switch (kind) {
    case 'gzip': {
      const content = gunzip(bytes, opening.budget);
      if (!content.ok) opening.faults.push({ reason: content.reason, message: content.message });
      else {
        if (content.rest !== undefined) opening.faults.push(content.rest);
        await openUnpacked(opening, content.bytes, inner);
      }
      return;
    }
    case 'zip':
      return openZip(opening, bytes, inner);
    case 'mail': {
      if (place.mails >= NESTING + 1) {
        opening.faults.push({ reason: 'nested', message: `It is a mail within more than ${NESTING} mails.` });
        return;
      }
      const reading = await readMail(bytes);
      if (reading.ok) await openMail(opening, reading.mail, inner.containers, place.mails + 1);
      else opening.faults.push({ reason: reading.reason, message: reading.message });
      return;
    }
    case 'dmarc':
      opening.dmarc = true;
      return;
    case 'empty':
      return;
    case 'json':
      if (place.claimed || hasReportShape(bytes)) takeReport(opening, bytes, place);
      return;
    case 'mbox':
    case 'unknown':
      if (place.claimed) takeReport(opening, bytes, place);
  }
}

function takeReport(opening: Opening, json: Buffer, { name, mail, repairs }: Place): void {
  opening.reports.push({ json, fileName: name, mail, repairs });
}

async function openUnpacked(opening: Opening, bytes: Buffer, place: Place): Promise<void> {
  opening.budget -= bytes.length;
  await open(opening, bytes, place);
}

/** A zip may hold other files beside the report: only what looks like one is taken. */
async function openZip(opening: Opening, bytes: Buffer, place: Place): Promise<void> {
  const before = opening.reports.length + opening.faults.length;
  const { unzip, ZipFault } = await import('./unzip.ts');
  try {
    for await (const { name, content } of unzip(bytes, opening.budget)) {
      if (content.ok) await openUnpacked(opening, content.bytes, { ...place, name, claimed: false });
      else if (content.reason !== 'zip-encrypted' || place.claimed) {
        opening.faults.push({ reason: content.reason, message: content.message });
      }
    }
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    opening.faults.push(error.fault);
  }
  if (place.claimed && opening.reports.length + opening.faults.length === before) {
    opening.faults.push({ reason: 'no-report', message: 'There is no TLS report in the zip (RFC 8460 §4.4).' });
  }
}

async function openMail(opening: Opening, mail: Mail, containers: number, mails: number): Promise<void> {
  const before = opening.reports.length + opening.faults.length;
  for (const { type, fileName, content } of mail.parts) {
    const kind = contentKind(content);
    // A mail in plain text is somebody's words about a mail; one that was attached is a mail.
    if (kind === 'mail' && type.startsWith('text/')) continue;
    const place = { mail, containers, mails, repairs: [] };
    const encoded = kind === 'unknown' ? uuencodedFiles(content) : [];
    for (const { name, bytes } of encoded) {
      const claimed = TLSRPT_TYPE.test(type) || TLSRPT_NAME.test(name);
      await open(opening, bytes, { ...place, name, claimed, repairs: ['uuencoded'] });
    }
    const claimed = TLSRPT_TYPE.test(type) || TLSRPT_NAME.test(fileName ?? '');
    if (encoded.length === 0) await open(opening, content, { ...place, name: fileName, claimed });
  }
  if (opening.reports.length + opening.faults.length === before && announcesReport(mail)) {
    opening.faults.push({
      reason: 'no-report-part',
      message: 'The mail announces a TLS report and holds none (RFC 8460 §5.3).',
    });
  }
}

/** RFC 8460 §5.3: `multipart/report; report-type=tlsrpt` and the TLS-Report fields. The subject is DMARC's, too. */
function announcesReport(mail: Mail): boolean {
  if (mail.header('tls-report-domain') !== null || mail.header('tls-report-submitter') !== null) return true;
  return /report-type\s*=\s*"?tlsrpt\b/i.test(mail.header('content-type') ?? '');
}

/** Loaded with the first mail: its libraries cost more than a thousand report files. */
async function readMail(bytes: Buffer): Promise<MailReading> {
  return (await import('./mime.ts')).readMail(bytes);
}

/** Keys that no other JSON has by chance. */
function hasReportShape(sent: Buffer): boolean {
  const utf8 = utf8Of(sent);
  const json = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length);
  return json.includes('"date-range"') || (json.includes('"policies"') && json.includes('"organization-name"'));
}
