import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { NetworkSettings } from '../core/config/types.ts';
import { type EntryDomains, reportDomainOf } from '../core/reports/attribution.ts';
import { vouchedSignatures } from '../core/reports/authentication-results.ts';
import {
  admit,
  entryDomains,
  isOurs,
  type MailProof,
  type ReadReport,
  type SourceFacts,
  verdictOn,
} from '../core/reports/intake.ts';
import { classifyOtherMail } from '../core/reports/other-mail.ts';
import { implausibleStart } from '../core/reports/report-rows.ts';
import type { DkimVerdict } from '../core/reports/rows.ts';
import type { FileStamps } from '../io/mail/file-stamps.ts';
import type { ReadFault } from '../io/mail/limits.ts';
import type { Mail } from '../io/mail/mime.ts';
import { type OpenedSource, openSource, type ReportPart } from '../io/mail/open-source.ts';
import { readSources, type Source } from '../io/mail/sources.ts';
import { DigestMap, digestWords } from '../io/store/digest-map.ts';
import { type RawBytes, sha256Of } from '../io/store/quarantine.ts';
import { rowLine } from '../io/store/row-line.ts';
import { parseTlsReport } from '../standards/tls-rpt-report.ts';

/** What everything is read against. */
export interface ReadingRequest {
  readonly now: Instant;
  /** Slots of a DigestMap: sources with nothing left to do. */
  readonly done: Uint32Array;
}

/** What only mail is judged by: reading files need not wait for it. Plain data, because it may come from another thread. */
export interface MailRules {
  /** Domains that are ours. */
  readonly managed: readonly string[];
  /** File of DKIM keys, or null. */
  readonly dkimKeys: string | null;
  /** The resolver for the other keys, and the roots for one over HTTPS, relative to `root`. */
  readonly network: Pick<NetworkSettings, 'resolver' | 'ca_file'>;
  readonly root: string;
  /** Names our own MX writes into Authentication-Results. */
  readonly authservIds: readonly string[];
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

const BATCH_READINGS = 256;
const BATCH_CHARACTERS = 2 ** 20;

/**
 * Reads everything under the paths, in order, and hands it over a few hundred at a time. `stamps` takes the stamp of each file
 * before it is read.
 */
export async function* readAll(
  paths: readonly string[],
  { read }: SourceReader,
  stamps: FileStamps | null = null,
): AsyncGenerator<readonly Reading[]> {
  let readings: Reading[] = [];
  let characters = 0;
  let order = 0;
  for (const path of paths) {
    for (const source of readSources(resolve(path), stamps)) {
      order += 1;
      const reading = read(source, order);
      // A report file never has to wait for anything, and there may be many.
      const ready = reading instanceof Promise ? await reading : reading;
      readings.push(ready);
      characters += charactersOf(ready);
      if (readings.length < BATCH_READINGS && characters < BATCH_CHARACTERS) continue;
      yield readings;
      readings = [];
      characters = 0;
    }
  }
  yield readings;
}

/**
 * Reads one source after the other; those of one run must come to one reader, which numbers them. It knows nothing of the
 * store, and asks the DNS only for keys.
 */
export interface SourceReader {
  /** `order` is the place of the source among all of the run, from 1. */
  readonly read: (source: Source, order: number) => Reading | Promise<Reading>;
  readonly close: () => Promise<void>;
}

export function openSourceReader(request: ReadingRequest, rules: Promise<MailRules>): SourceReader {
  const done = DigestMap.of(request.done);
  const prover = mailProver(request, rules);
  const context: Context = {
    now: request.now,
    isDone: (sha256) => !done.isEmpty && done.get(digestWords(sha256)) !== 0,
    prove: prover.prove,
  };
  return { read: (source, order) => readSource(context, source, order), close: prover.close };
}

/** Roughly what a reading takes in memory. */
function charactersOf(reading: Reading): number {
  if (reading.kind !== 'read') return 100;
  const raw = reading.fault?.raw instanceof Uint8Array ? reading.fault.raw.length : 0;
  let characters = 100 + raw;
  for (const { lines } of reading.reports) for (const line of lines) characters += line.length;
  return characters;
}

interface Context {
  readonly now: Instant;
  readonly isDone: (sha256: string) => boolean;
  readonly prove: MailProver['prove'];
}

interface MailProver {
  /** What is known of the mail a report came in; `outer` is the mail that arrived. */
  readonly prove: (report: ReadReport, mail: Mail | null, outer: Mail | null) => Promise<MailProof>;
  readonly close: () => Promise<void>;
}

function readSource(context: Context, source: Source, order: number): Reading | Promise<Reading> {
  if (source.kind === 'passed-over') return source;
  const { name } = source;
  if (source.kind === 'unreadable') return { kind: 'unreadable', name };
  const raw = source.kind === 'content' ? source.bytes : source.raw;
  const sha256 = raw instanceof Uint8Array ? hash('sha256', raw) : sha256Of(raw);
  if (context.isDone(sha256)) return { kind: 'done', name, sha256 };
  if (source.kind === 'too-large') {
    const fault = { reason: 'too-large', message: source.message, raw };
    return { kind: 'read', name, sha256, reports: [], fault, other: null };
  }
  const opened = openSource(source.bytes, source.fileName);
  const read = (found: OpenedSource) => readOpened(context, source, found, sha256, order);
  return opened instanceof Promise ? opened.then(read) : read(opened);
}

function readOpened(
  context: Context,
  source: Extract<Source, { kind: 'content' }>,
  opened: OpenedSource,
  sha256: string,
  order: number,
): Reading | Promise<Reading> {
  const faults: ReadFault[] = [...opened.faults];
  const found = new Map<string, FoundReport>();
  for (const part of opened.reports) {
    const report = readReport(part, source.provenance);
    if ('reason' in report) faults.push(report);
    else found.set(report.report_sha256, { report, mail: part.mail });
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

const UNPROVEN: MailProof = { signatures: null, vouched: [] };

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

/** The report of one part, or why there is none. */
function readReport(part: ReportPart, provenance: ReadReport['provenance']): ReadReport | ReadFault {
  const header = part.mail?.header('tls-report-domain') ?? null;
  const envelope = reportDomainOf(header, part.fileName);
  const reading = parseTlsReport(part.json, { policyDomain: envelope ?? undefined });
  if (!reading.ok) return { reason: reading.reason, message: reading.message };
  const implausible = implausibleStart(reading.report);
  if (implausible !== null) return { reason: 'date', message: implausible };
  return {
    report: reading.report,
    warnings: reading.warnings,
    strict: reading.strict,
    report_sha256: hash('sha256', part.json),
    envelope,
    provenance: part.mail === null ? provenance : 'mail',
    submitter: part.mail?.header('tls-report-submitter') ?? null,
  };
}

/** Signatures are looked at only when it matters: nothing is asked of the DNS for domains that are not ours. */
function mailProver({ now }: ReadingRequest, rules: Promise<MailRules>): MailProver {
  /** Loaded with the first mail that needs it. */
  const load = async ({ managed, dkimKeys, network, root, authservIds }: MailRules) => {
    const { dnsKeys, keyLookup, openDkimVerifier } = await import('../io/mail/dkim.ts');
    const { openResolver } = await import('../io/dns/resolver.ts');
    const { loadDkimKeys } = await import('../io/mail/dkim-keys.ts');
    const keys = dkimKeys === null ? new Map<string, string>() : loadDkimKeys(dkimKeys);
    const { loadTrust } = await import('../io/net/trust.ts');
    const resolver = await openResolver(network, { ca: loadTrust(root, network).ca });
    const lookUp = keyLookup(keys, dnsKeys(resolver));
    const verify = openDkimVerifier(lookUp, now);
    return { ours: new Set(managed), authservIds, verify, close: resolver.close };
  };
  let loaded: ReturnType<typeof load> | null = null;
  const prove: MailProver['prove'] = async (report, mail, outer) => {
    loaded ??= rules.then(load);
    const { ours, authservIds, verify } = await loaded;
    if (!isOurs(entryDomains(report), ours)) return UNPROVEN;
    if (mail === null) return { signatures: [], vouched: [] };
    const field = mail === outer ? mail.header('authentication-results') : null;
    return { signatures: await verify(mail.raw), vouched: vouchedSignatures(field, authservIds) };
  };
  // A failure to load was told to whoever asked for a proof.
  const close = async () => loaded?.then((one) => one.close()).catch(() => {});
  return { prove, close };
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
