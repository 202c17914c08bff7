import type { FailureDetail, JsonObject, TlsReport, TlsReportPolicy } from '../../standards/tls-rpt-report.ts';
import { addDays, dayOf, type Instant } from '../clock.ts';
import type { ReportDomain } from './attribution.ts';
import type { FailureDetailRow, ReportRow } from './rows.ts';
import type { SignatureVerdict } from './signatures.ts';

/** Version of the columns; a new one comes with a migration. */
const SCHEMA_VERSION = 2;

/** Everything about one report that its body does not say. */
export interface ReportOrigin {
  readonly report_sha256: string;
  readonly source_sha256: string;
  readonly source_reports: number;
  readonly report_key: string;
  readonly reporter: string;
  readonly received_at: Instant;
  readonly received_order: number;
  readonly provenance: ReportRow['provenance'];
  readonly signature: SignatureVerdict;
  readonly envelope: ReportDomain | null;
  /** Named repairs and doubts of the reading, sorted. */
  readonly warnings: readonly string[];
  readonly strict: boolean;
}

/** A report as stored rows: one for each policy entry, or one without an entry (RFC 8460 §4.4). */
export function reportRows(report: TlsReport, origin: ReportOrigin): readonly ReportRow[] {
  const { signature } = origin;
  const base = {
    schema_version: SCHEMA_VERSION,
    report_sha256: origin.report_sha256,
    source_sha256: origin.source_sha256,
    source_reports: origin.source_reports,
    report_key: origin.report_key,
    received_at: origin.received_at,
    received_order: origin.received_order,
    provenance: origin.provenance,
    dkim: signature.dkim,
    dkim_domain: signature.domain,
    dkim_selector: signature.selector,
    dkim_key: signature.key,
    reporter: origin.reporter,
    organization_name: report.organization_name,
    contact_info: report.contact_info,
    report_id: report.report_id,
    start_at: report.start as Instant,
    end_at: report.end as Instant,
    day: dayOf(report.start as Instant),
    report_domain: origin.envelope?.value ?? null,
  };
  const warnings = withDoubts(report, origin);
  if (report.policies.length === 0) {
    return [{ ...base, ...NO_ENTRY, warnings, extra: extraOf(report.extra, null), strict: origin.strict }];
  }
  return report.policies.map((policy, index) => ({
    ...base,
    policy_index: index,
    policy_type: policy.policy_type,
    policy_type_raw: policy.policy_type_raw,
    policy_domain: policy.policy_domain,
    policy_domain_from: policy.policy_domain_from,
    policy_string: policy.policy_string,
    mx_host: policy.mx_host,
    successful_sessions: policy.successful_sessions,
    failed_sessions: policy.failed_sessions,
    failed_derived: policy.failed_derived,
    failure_details: policy.failure_details.map(detailRow),
    warnings,
    extra: extraOf(index === 0 ? report.extra : null, policy),
    strict: origin.strict,
  }));
}

/** The stored members of a detail; what else it holds is part of `extra`. */
function detailRow({ extra: _, ...detail }: FailureDetail): FailureDetailRow {
  return detail;
}

const NO_ENTRY = {
  policy_index: null,
  policy_type: null,
  policy_type_raw: null,
  policy_domain: null,
  policy_domain_from: null,
  policy_string: null,
  mx_host: null,
  successful_sessions: null,
  failed_sessions: null,
  failed_derived: false,
  failure_details: [],
} as const;

/**
 * Why a report cannot be filed under its month, or null. TLS reporting is of 2018; a year that no clock of today can show
 * would open a partition of its own for every forged month.
 */
export function implausibleStart(report: TlsReport): string | null {
  const year = Number(report.start.slice(0, 4));
  if (year >= 2000 && year < 2100) return null;
  return `The range starts at ${report.start}: a TLS report tells of a day between 2000 and 2099 (RFC 8460 §4.1).`;
}

/** The warnings of the reading and what only the envelope and the clock show. */
function withDoubts(report: TlsReport, { warnings, envelope, received_at }: ReportOrigin): readonly string[] {
  const doubts: string[] = [];
  const named = report.policies.filter(
    ({ policy_type, policy_domain_from: from }) => policy_type !== 'tlsa' && from === 'report',
  );
  if (envelope !== null && named.length > 0 && named.every(({ policy_domain }) => policy_domain !== envelope.value)) {
    doubts.push(`differs:${envelope.from}-domain`);
  }
  if (report.start > received_at && dayOf(report.start as Instant) > addDays(dayOf(received_at), 1))
    doubts.push('range-future');
  return doubts.length === 0 ? warnings : [...warnings, ...doubts].sort();
}

/** Unknown keys and values we could not take: of the report (on its first row), of the policy entry, of each detail. */
function extraOf(report: JsonObject | null, policy: TlsReportPolicy | null): string | null {
  const details = policy?.failure_details.map((detail) => detail.extra) ?? [];
  const found = {
    ...(report === null ? {} : { report }),
    ...(policy?.extra ? { policy: policy.extra } : {}),
    ...(details.some((extra) => extra !== null) ? { 'failure-details': details } : {}),
  };
  return Object.keys(found).length === 0 ? null : JSON.stringify(found);
}
