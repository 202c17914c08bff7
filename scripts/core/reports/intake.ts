import type { TlsReport } from '../../standards/tls-rpt-report.ts';
import type { Instant } from '../clock.ts';
import { isBelieved } from './acceptance.ts';
import { domainOf, type EntryDomains, type ReportDomain } from './attribution.ts';
import { type VouchedSignature, verdictByOwnMx } from './authentication-results.ts';
import { identityText, reporterOf } from './identity.ts';
import { addressDomain } from './organisation.ts';
import { reportRows } from './report-rows.ts';
import type { ReportRow } from './rows.ts';
import { judgeSignatures, type SignatureOutcome, type SignatureVerdict } from './signatures.ts';

/** A report that could be read, with everything around it that says something about it. */
export interface ReadReport {
  readonly report: TlsReport;
  readonly warnings: readonly string[];
  /** RFC 8460 §4.4 to the letter. */
  readonly strict: boolean;
  readonly report_sha256: string;
  readonly envelope: ReportDomain | null;
  readonly provenance: ReportRow['provenance'];
  /** `TLS-Report-Submitter` of the mail it came in (RFC 8460 §5.3). */
  readonly submitter: string | null;
}

/** What each of its entries is about; a report without entries is about what its envelope says. */
export function entryDomains({ report, envelope }: ReadReport): readonly EntryDomains[] {
  const report_domain = envelope?.value ?? null;
  if (report.policies.length === 0) return [{ policy_type: null, policy_domain: null, report_domain }];
  return report.policies.map(({ policy_type, policy_domain }) => ({ policy_type, policy_domain, report_domain }));
}

/** Whether any entry is about a managed domain. */
export function isOurs(entries: readonly EntryDomains[], managed: ReadonlySet<string>): boolean {
  return entries.some((entry) => domainOf(entry, managed) !== null);
}

const UNCHECKED: SignatureVerdict = { dkim: 'unchecked', domain: null, selector: null, key: null };

/** What is known of the mail a report came in. */
export interface MailProof {
  /** Null when nobody looked. */
  readonly signatures: readonly SignatureOutcome[] | null;
  /** What our own MX vouches for; none for a mail within the mail. */
  readonly vouched: readonly VouchedSignature[];
}

/** The verdict on the mail a report came in, and what to note beside it. */
export function verdictOn(
  read: ReadReport,
  { signatures, vouched }: MailProof,
): { readonly signature: SignatureVerdict; readonly notes: readonly string[] } {
  if (signatures === null) return { signature: UNCHECKED, notes: [] };
  const submitter = addressDomain(read.report.contact_info) ?? read.submitter;
  const own = judgeSignatures(signatures, submitter);
  const signature = verdictByOwnMx(own, signatures, vouched, submitter);
  return { signature, notes: signature === own ? [] : [`by-own-mx:${own.dkim}`] };
}

/** A report ready to be stored, but for the hash of its identity. */
export interface Admission {
  readonly identity: string;
  readonly reporter: string;
  readonly believed: boolean;
  readonly dkim: ReportRow['dkim'];
  readonly rows: (source: SourceFacts) => readonly ReportRow[];
}

export interface SourceFacts {
  readonly report_key: string;
  readonly source_sha256: string;
  readonly source_reports: number;
  readonly received_at: Instant;
  readonly received_order: number;
}

export function admit(read: ReadReport, signature: SignatureVerdict): Admission {
  const { report, report_sha256, provenance, envelope, warnings, strict } = read;
  const reporter = reporterOf(signature, report);
  const identity = identityText({
    reporter,
    organization_name: report.organization_name,
    report_id: report.report_id,
    start: report.start,
    end: report.end,
    policy_domains: report.policies.map(({ policy_domain }) => policy_domain),
    report_sha256,
  });
  return {
    identity,
    reporter,
    believed: isBelieved({ provenance, dkim: signature.dkim }),
    dkim: signature.dkim,
    rows: (source) =>
      reportRows(report, { ...source, report_sha256, reporter, provenance, signature, envelope, warnings, strict }),
  };
}
