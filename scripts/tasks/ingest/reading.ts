import { hash } from 'node:crypto';
import type { Instant } from '../../core/clock.ts';
import { type EntryDomains, reportDomainOf } from '../../core/reports/attribution.ts';
import {
  admit,
  entryDomains,
  type MailProof,
  type ReadReport,
  type SourceFacts,
  verdictOn,
} from '../../core/reports/intake.ts';
import { classifyOtherMail } from '../../core/reports/other-mail.ts';
import { implausibleStart } from '../../core/reports/report-rows.ts';
import type { DkimVerdict } from '../../core/reports/rows.ts';
import type { ReadFault } from '../../io/mail/limits.ts';
import type { Mail } from '../../io/mail/mime.ts';
import { type OpenedSource, openSource, type ReportPart } from '../../io/mail/open-source.ts';
import type { Source } from '../../io/mail/sources.ts';
import { type RawBytes, sha256Of } from '../../io/store/quarantine.ts';
import { rowLine } from '../../io/store/row-line.ts';
import { utf8Of } from '../../standards/json-text.ts';
import { parseTlsReport } from '../../standards/tls-rpt-report.ts';
import { SEVERAL_REPORTS, severalReports } from '../../standards/tls-rpt-several.ts';
import { doneIn, type Prepare, type PreparedSource, preparing } from './preparing.ts';
import { type MailProver, type MailRules, mailProver, UNPROVEN } from './proof.ts';

/** What everything is read against. */
export interface ReadingRequest {
  readonly now: Instant;
  /** Slots of a DigestMap: sources with nothing left to do. */
  readonly done: Uint32Array;
}

/** What one mail or file turned out to be. */
export type Reading =
  | { readonly kind: 'passed-over'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly name: string }
  | { readonly kind: 'done'; readonly name: string; readonly sha256: string }
  | {
      readonly kind: 'read';
      readonly name: string;
      readonly sha256: string;
      readonly reports: readonly ReadyReport[];
      /** Why something in it could not be read, with the bytes; null when everything could. */
      readonly fault: (ReadFault & { readonly raw: RawBytes }) | null;
      /** What it is when there is neither a report nor a fault. */
      readonly other: string | null;
    };

/** A report with its rows as lines, that only the comparison with what is stored keeps from the store. */
export interface ReadyReport {
  readonly key: string;
  readonly sha256: string;
  readonly believed: boolean;
  readonly dkim: DkimVerdict;
  readonly reporter: string;
  /** What its entries are about: see attribution.ts. */
  readonly entries: readonly EntryDomains[];
  readonly warnings: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Reads one source after the other; those of one run must come to one reader, which numbers them. It knows nothing of the
 * store, and asks the DNS only for keys.
 */
export interface SourceReader {
  readonly prepare: Prepare;
  /** `order` is the place of the source among all of the run, from 1. */
  readonly read: (prepared: PreparedSource, order: number) => Reading | Promise<Reading>;
  readonly close: () => Promise<void>;
}

export function openSourceReader(request: ReadingRequest, rules: Promise<MailRules>): SourceReader {
  const prover = mailProver(request.now, rules);
  const context: Context = {
    now: request.now,
    isDone: doneIn(request.done),
    prove: prover.prove,
  };
  return {
    prepare: preparing(request.done),
    read: (prepared, order) => readSource(context, prepared, order),
    close: prover.close,
  };
}

interface Context {
  readonly now: Instant;
  readonly isDone: (sha256: string) => boolean;
  readonly prove: MailProver['prove'];
}

function readSource(context: Context, prepared: PreparedSource, order: number): Reading | Promise<Reading> {
  const { source, sha256, done, unpacked } = prepared;
  if (source.kind === 'passed-over') return source;
  const { name } = source;
  if (source.kind === 'unreadable') return { kind: 'unreadable', name };
  if (source.kind === 'too-large') return readTooLarge(context, source);
  if (done) return { kind: 'done', name, sha256 };
  const opened = openSource(source.bytes, source.fileName, unpacked?.bytes);
  const read = (found: OpenedSource) => readOpened(context, { ...prepared, source }, found, order);
  return opened instanceof Promise ? opened.then(read) : read(opened);
}

function readTooLarge({ isDone }: Context, { name, message, raw }: Extract<Source, { kind: 'too-large' }>): Reading {
  const sha256 = sha256Of(raw);
  if (isDone(sha256)) return { kind: 'done', name, sha256 };
  return { kind: 'read', name, sha256, reports: [], fault: { reason: 'too-large', message, raw }, other: null };
}

function readOpened(
  context: Context,
  { source, sha256, unpacked }: PreparedSource & { readonly source: Extract<Source, { kind: 'content' }> },
  opened: OpenedSource,
  order: number,
): Reading | Promise<Reading> {
  const faults: ReadFault[] = [...opened.faults];
  const found = new Map<string, FoundReport>();
  for (const part of opened.reports) {
    const known = part.json === unpacked?.bytes ? unpacked.sha256 : null;
    for (const report of readReports(part, source.provenance, known)) {
      if ('reason' in report) faults.push(report);
      else found.set(report.report_sha256, { report, mail: part.mail });
    }
  }
  const [fault] = faults;
  const facts = { source_sha256: sha256, source_reports: found.size, received_at: context.now, received_order: order };
  const reading = (reports: readonly ReadyReport[]): Reading => ({
    kind: 'read',
    name: source.name,
    sha256,
    reports,
    fault: fault === undefined ? null : { ...fault, raw: new Uint8Array(source.bytes) },
    other: fault === undefined && reports.length === 0 ? otherOf(opened) : null,
  });
  const reports = [...found.values()];
  if (reports.every(({ report }) => report.provenance !== 'mail')) {
    return reading(reports.map(({ report }) => readyReport(report, UNPROVEN, facts)));
  }
  return proveAll(context, reports, opened.mail).then((proofs) =>
    reading(reports.map(({ report }, index) => readyReport(report, proofs[index] ?? UNPROVEN, facts))),
  );
}

interface FoundReport {
  readonly report: ReadReport;
  readonly mail: Mail | null;
}

/** One after the other: many reports in one mail must not ask the DNS at once. */
async function proveAll(
  context: Context,
  reports: readonly FoundReport[],
  outer: Mail | null,
): Promise<readonly MailProof[]> {
  const proofs: MailProof[] = [];
  for (const { report, mail } of reports) {
    proofs.push(report.provenance === 'mail' ? await context.prove(report, mail, outer) : UNPROVEN);
  }
  return proofs;
}

function readyReport(read: ReadReport, proof: MailProof, source: Omit<SourceFacts, 'report_key'>): ReadyReport {
  const { signature, notes } = verdictOn(read, proof);
  const report = notes.length === 0 ? read : { ...read, warnings: [...read.warnings, ...notes] };
  const admission = admit(report, signature);
  const key = hash('sha256', admission.identity);
  return {
    key,
    sha256: report.report_sha256,
    believed: admission.believed,
    dkim: admission.dkim,
    reporter: admission.reporter,
    entries: entryDomains(report),
    warnings: report.warnings,
    lines: admission.rows({ ...source, report_key: key }).map(rowLine),
  };
}

/** What is not one report may be several. */
function readReports(
  part: ReportPart,
  provenance: ReadReport['provenance'],
  sha256: string | null,
): readonly (ReadReport | ReadFault)[] {
  const one = readReport(part, provenance, sha256);
  if (!('reason' in one) || (one.reason !== 'not-json' && one.reason !== 'not-a-report')) return [one];
  const json = utf8Of(part.json);
  const several = severalReports(json);
  if (several === null) return [one];
  const repairs = [...part.repairs, `several:${several.form}`, ...(json === part.json ? [] : ['utf-16'])];
  const read = several.reports.map((report) => readReport({ ...part, json: report, repairs }, provenance, null));
  const message = `More than ${SEVERAL_REPORTS} reports stand in one text: the first of them are read.`;
  return several.more ? [...read, { reason: 'too-many-reports', message }] : read;
}

/** The report of one part, or why there is none. `sha256` of its JSON, where it is known. */
function readReport(
  part: ReportPart,
  provenance: ReadReport['provenance'],
  sha256: string | null,
): ReadReport | ReadFault {
  const header = part.mail?.header('tls-report-domain') ?? null;
  const envelope = reportDomainOf(header, part.fileName);
  const reading = parseTlsReport(part.json, { policyDomain: envelope ?? undefined, repairs: part.repairs });
  if (!reading.ok) return { reason: reading.reason, message: reading.message };
  const implausible = implausibleStart(reading.report);
  if (implausible !== null) return { reason: 'date', message: implausible };
  return {
    report: reading.report,
    warnings: reading.warnings,
    strict: reading.strict,
    report_sha256: sha256 ?? hash('sha256', part.json),
    envelope,
    provenance: part.mail === null ? provenance : 'mail',
    submitter: part.mail?.header('tls-report-submitter') ?? null,
  };
}

/** What a source without a report is: a class of mail, or a file that is none. */
function otherOf({ mail, dmarc }: OpenedSource): string {
  if (mail === null) return dmarc ? 'dmarc-report' : 'empty';
  return classifyOtherMail({
    header: mail.header,
    parts: mail.parts.map(({ type, fileName }) => ({ type, fileName })),
    dmarc,
  });
}
