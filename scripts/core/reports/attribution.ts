import { parseHostName } from '../../standards/domain-name.ts';

/** `submitter!policy-domain!begin!end[!unique-id].json[.gz]` (RFC 8460 §5.1); zip is what some send instead. */
const REPORT_NAME = /^([^!/\\]+)!([^!/\\]+)!\d+!\d+(?:![^!]*)?$/;

/** What the envelope says a report is about. The body is authoritative (RFC 8460 §5.6): this only fills its gaps. */
export interface ReportDomain {
  readonly value: string;
  readonly from: 'header' | 'filename';
}

/** From the `TLS-Report-Domain` header (RFC 8460 §5.3), else from the file name; null when neither names a host. */
export function reportDomainOf(header: string | null, fileName: string | null): ReportDomain | null {
  const said = header === null ? null : parseHostName(header.trim());
  if (said !== null) return { value: said, from: 'header' };
  const stem = fileName?.replace(/(\.json|\.gz|\.zip)+$/i, '') ?? '';
  const named = parseHostName(REPORT_NAME.exec(stem)?.[2] ?? '');
  return named === null ? null : { value: named, from: 'filename' };
}

/** The fields that say whose an entry is; of a report without entries all but report_domain are null. */
export interface EntryDomains {
  readonly policy_type: string | null;
  readonly policy_domain: string | null;
  readonly report_domain: string | null;
}

/**
 * The managed domain an entry counts for, or null when it is not ours. It is the policy domain; only a `tlsa` entry, whose
 * policy domain may be the TLSA base domain, that is the MX host (RFC 8460 §1.1), and a report without any entry go by what
 * the envelope says.
 */
export function domainOf(entry: EntryDomains, managed: ReadonlySet<string>): string | null {
  if (entry.policy_domain !== null && managed.has(entry.policy_domain)) return entry.policy_domain;
  const byEnvelope = entry.policy_type === 'tlsa' || entry.policy_type === null;
  return byEnvelope && entry.report_domain !== null && managed.has(entry.report_domain) ? entry.report_domain : null;
}

/**
 * The same rule over stored rows. Gives a FROM clause that joins `entries` (rows) with the table `managed(domain_index,
 * domain)`; `domain_index` of the result is null for what is not ours.
 */
export function attributedSql(entries: string, managed: string): string {
  return `(
    SELECT entry.*, coalesce(by_policy.domain_index, by_envelope.domain_index) AS domain_index
    FROM ${entries} AS entry
    LEFT JOIN ${managed} AS by_policy ON by_policy.domain = entry.policy_domain
    LEFT JOIN ${managed} AS by_envelope
      ON by_envelope.domain = CASE
        WHEN entry.policy_type = 'tlsa' OR entry.policy_type IS NULL THEN entry.report_domain
      END
  )`;
}
