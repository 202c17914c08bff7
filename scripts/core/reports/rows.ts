import type { Day, Instant } from '../clock.ts';

/**
 * One row of `data/reports/month=YYYY-MM/*.parquet`: one report and one of its policy entries (RFC 8460 §4.4).
 * A report without policy entries is one row whose `policy_index` and policy columns are null.
 * Names and order are the public format documented in data/README.md: extend, never rename.
 */
export interface ReportRow {
  readonly schema_version: number;
  /** SHA-256 (hex) of the report's JSON bytes after decompression: what a figure is traced to. */
  readonly report_sha256: string;
  /** SHA-256 (hex) of the mail or file it came in. */
  readonly source_sha256: string;
  /** How many reports that mail or file held: a source is done only when all of them are stored. */
  readonly source_reports: number;
  /** SHA-256 (hex) over reporter, organization-name, report-id, range and policy domains: what makes two reports the same. */
  readonly report_key: string;
  readonly received_at: Instant;
  /** Place of its source among what one ingest read, from 1: which of two that were received at once is the later. */
  readonly received_order: number;
  readonly provenance: 'mail' | 'file' | 'https';
  /** RFC 8460 §3: only a verified, aligned signature is believed. See core/reports/acceptance.ts. */
  readonly dkim: DkimVerdict;
  readonly dkim_domain: string | null;
  readonly dkim_selector: string | null;
  /** The key record that verified it, kept because keys rotate. */
  readonly dkim_key: string | null;
  /** Organisational domain of the verified signature, else of contact-info, else the organization-name. */
  readonly reporter: string;
  readonly organization_name: string | null;
  readonly contact_info: string | null;
  readonly report_id: string | null;
  readonly start_at: Instant;
  readonly end_at: Instant;
  /** UTC day of the start (RFC 8460 §4.1): the day every figure of this report belongs to. */
  readonly day: Day;
  /**
   * Domain the mail or file says it is about (`TLS-Report-Domain`, else the file name). It tells whose report it is where
   * a `tlsa` entry names the MX host as its policy domain (RFC 8460 §1.1) and where there is no policy entry at all.
   */
  readonly report_domain: string | null;
  readonly policy_index: number | null;
  readonly policy_type: 'sts' | 'tlsa' | 'no-policy-found' | 'other' | null;
  readonly policy_type_raw: string | null;
  readonly policy_domain: string | null;
  readonly policy_domain_from: 'report' | 'header' | 'filename' | null;
  readonly policy_string: readonly string[] | null;
  readonly mx_host: readonly string[] | null;
  /** Null = the reporter did not say: unknown, never 0. */
  readonly successful_sessions: number | null;
  readonly failed_sessions: number | null;
  /** True when the total was missing and is the sum of the details. */
  readonly failed_derived: boolean;
  readonly failure_details: readonly FailureDetailRow[];
  /** Named repairs and doubts, sorted. */
  readonly warnings: readonly string[];
  /** JSON of every key we do not know, by path; null when there is none. */
  readonly extra: string | null;
  /** The report satisfies RFC 8460 §4.4 to the letter: a measure of the reporter. Null in rows of schema version 1. */
  readonly strict: boolean | null;
}

export interface FailureDetailRow {
  /** A registered result type, or `other`. */
  readonly result_type: string;
  readonly result_type_raw: string | null;
  readonly failed_sessions: number | null;
  readonly sending_mta_ip: string | null;
  readonly receiving_ip: string | null;
  readonly receiving_mx_hostname: string | null;
  readonly receiving_mx_helo: string | null;
  readonly additional_information: string | null;
  readonly failure_reason_code: string | null;
}

/**
 * pass: verified and aligned with the submitter · misaligned: verified, other organisation · fail: broken, `l=`, expired
 * none: no signature · temporary: DNS did not answer, to be tried again · unverifiable: the key is gone
 * unchecked: not mail, or a report for a domain that is not ours
 */
export type DkimVerdict = 'pass' | 'misaligned' | 'fail' | 'none' | 'temporary' | 'unverifiable' | 'unchecked';
