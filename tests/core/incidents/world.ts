import type { Agreement } from '#scripts/core/agreement.ts';
import type { Day, Instant } from '#scripts/core/clock.ts';
import type { AlertSettings } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';

export const SETTINGS: AlertSettings = {
  owners: ['@alice'],
  oncall: ['@carol'],
  business_hours: {
    time_zone: 'UTC',
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    from: '09:00',
    to: '17:00',
    holidays: [],
  },
  labels: [],
  max_new_per_run: 10,
  certificate_thresholds: 'relative',
};

export const AGREEMENT: Agreement = {
  mx: { state: 'disagrees', why: 'x' },
  policy: { state: 'agrees', why: 'x' },
  dns: { state: 'unknown', why: 'x' },
  reports: { state: 'agrees', why: 'x' },
};

/** A finding of one domain; its name is the domain. */
export function finding(domain: string, more: Partial<Finding> = {}): Finding {
  const rule = more.rule ?? 'mx-cert-expired';
  return {
    rule,
    domain: domain as DomainName,
    domains: [domain as DomainName],
    subject: {
      kind: 'mx',
      name: `mx.${domain}`,
      mx: `mx.${domain}`,
      reporter: null,
      result_type: null,
      policy_type: null,
    },
    severity: 'sev2',
    state: 'open',
    since: '2026-11-20' as Day,
    last_seen: '2026-11-21' as Day,
    detected_at: '2026-11-21T06:00:00Z' as Instant,
    actor: 'you',
    summary: `Certificate of the MX host expired on mx.${domain}.`,
    evidence: [{ kind: 'observation', at: '2026-11-21T05:30:00Z' as Instant, text: 'not after 2026-11-20', ref: null }],
    action: `Renew the certificate of mx.${domain} and run \`npx postern probe ${domain}\`.`,
    fingerprint: `${rule}/${domain}/mx:mx.${domain}/-`,
    incident: null,
    ...more,
  };
}
