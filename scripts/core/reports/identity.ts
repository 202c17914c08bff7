import { addressDomain, organisationalDomain } from './organisation.ts';
import type { SignatureVerdict } from './signatures.ts';

const UNNAMED = 'unknown';

/**
 * Who reports: the organisational domain of the verified signature, else of contact-info, else the organization-name.
 * The From address is not identity: nothing ties it to the report.
 */
export function reporterOf(
  signature: SignatureVerdict,
  report: { readonly contact_info: string | null; readonly organization_name: string | null },
): string {
  const verified = signature.dkim === 'pass' || signature.dkim === 'misaligned';
  if (verified && signature.domain !== null) return organisationalDomain(signature.domain) ?? signature.domain;
  const contact = addressDomain(report.contact_info);
  return (contact === null ? null : organisationalDomain(contact)) ?? report.organization_name ?? UNNAMED;
}

/**
 * The text whose SHA-256 is `report_key`. Two reports with the same key are the same report (RFC 8460 §4.4: report-id is
 * unique only within one reporter); with the same bytes it is a duplicate, with others a conflict. Without a report-id the
 * content itself is the identity, so that two anonymous reports never displace each other.
 */
export function identityText(identity: {
  readonly reporter: string;
  readonly organization_name: string | null;
  readonly report_id: string | null;
  readonly start: string;
  readonly end: string;
  readonly policy_domains: readonly (string | null)[];
  readonly report_sha256: string;
}): string {
  const domains = [...new Set(identity.policy_domains.map((domain) => domain ?? ''))].sort();
  const id = identity.report_id === null ? ['sha256', identity.report_sha256] : ['id', identity.report_id];
  return JSON.stringify([identity.reporter, identity.organization_name, id, identity.start, identity.end, domains]);
}
