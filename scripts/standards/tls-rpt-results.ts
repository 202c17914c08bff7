/** The registries of TLS reporting. Unchanged since 2018-09-28; new entries need Expert Review (RFC 8460 §6.6). */

/** RFC 8460 §4.3: negotiation, then DANE, then MTA-STS. */
export const RESULT_TYPES = [
  'starttls-not-supported',
  'certificate-host-mismatch',
  'certificate-expired',
  'certificate-not-trusted',
  'validation-failure',
  'tlsa-invalid',
  'dnssec-invalid',
  'dane-required',
  'sts-policy-fetch-error',
  'sts-policy-invalid',
  'sts-webpki-invalid',
] as const;
export type ResultType = (typeof RESULT_TYPES)[number];

/** RFC 8460 §4.4. */
export const POLICY_TYPES = ['tlsa', 'sts', 'no-policy-found'] as const;
export type PolicyType = (typeof POLICY_TYPES)[number];

const RESULTS: ReadonlySet<string> = new Set(RESULT_TYPES);
const POLICIES: ReadonlySet<string> = new Set(POLICY_TYPES);

/** Exact and case-sensitive: look-alikes such as `certificate_expired` are other types (RFC 8460 §4.3). */
export function isResultType(text: string): text is ResultType {
  return RESULTS.has(text);
}

export function isPolicyType(text: string): text is PolicyType {
  return POLICIES.has(text);
}
