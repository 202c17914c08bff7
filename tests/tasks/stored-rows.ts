import type { Day, Instant } from '#scripts/core/clock.ts';
import type { FailureDetailRow, ReportRow } from '#scripts/core/reports/rows.ts';

export function failure(result_type: string, mx: string, failed_sessions: number): FailureDetailRow {
  return {
    result_type,
    result_type_raw: result_type,
    failed_sessions,
    sending_mta_ip: null,
    receiving_ip: null,
    receiving_mx_hostname: mx,
    receiving_mx_helo: null,
    additional_information: null,
    failure_reason_code: '<script>alert(1)</script>',
  };
}

/** A believed report of google.com about one domain and day. */
export function reportOf(
  domain: string,
  day: string,
  successful: number,
  details: readonly FailureDetailRow[],
): ReportRow {
  const id = `${domain}-${day}`;
  return {
    schema_version: 1,
    report_sha256: `${id}-report`,
    source_sha256: `${id}-source`,
    source_reports: 1,
    report_key: `${id}-key`,
    received_at: `${day}T23:00:00Z` as Instant,
    received_order: 1,
    provenance: 'mail',
    dkim: 'pass',
    dkim_domain: 'google.com',
    dkim_selector: 's',
    dkim_key: 'k',
    reporter: 'google.com',
    organization_name: 'Google Inc.',
    contact_info: 'tls@google.com',
    report_id: id,
    start_at: `${day}T00:00:00Z` as Instant,
    end_at: `${day}T23:59:59Z` as Instant,
    day: day as Day,
    report_domain: domain,
    policy_index: 0,
    policy_type: 'sts',
    policy_type_raw: 'sts',
    policy_domain: domain,
    policy_domain_from: 'report',
    policy_string: null,
    mx_host: null,
    successful_sessions: successful,
    failed_sessions: details.reduce((sum, one) => sum + (one.failed_sessions ?? 0), 0),
    failed_derived: false,
    strict: true,
    failure_details: details,
    warnings: [],
    extra: null,
  };
}
