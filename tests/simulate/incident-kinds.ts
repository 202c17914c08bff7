/** What can go wrong in a simulated year. Shares are of a reporter's sessions of one day. */
export interface IncidentKind {
  readonly name: string;
  /** Who could mend it: the truth that attribution is measured against. */
  readonly actor: 'you' | 'provider' | 'sender' | 'unknown';
  /** Nothing is wrong: whatever is found of it is a false finding. */
  readonly harmless?: 'renamed' | 'doubled' | 'late' | 'bursts of volume';
  /** How the share goes over the days; steady when absent. */
  readonly course?: 'ramp' | 'fading' | 'every third day' | 'weekends';
  /** Each reporter spreads its failures over all of `types`, instead of sticking to one. */
  readonly mixed?: boolean;
  /** An MX host that reports name and the domain file does not. */
  readonly foreign_mx?: string;
  /** Result types that reporters use for it; each reporter sticks to one. Null: failures without details. */
  readonly types: readonly (string | null)[];
  readonly policy_type: 'sts' | 'tlsa';
  /** all: everyone who validates; some: about half of them, two at least; one: a single reporter. */
  readonly seen: 'all' | 'some' | 'one' | 'none';
  readonly share: readonly [least: number, most: number];
  /** Index of the MX host; null when none is involved. */
  readonly mx: 0 | 1 | null;
  /** What a probe sees meanwhile; null: it stays green. */
  readonly probe: { readonly kind: 'mx' | 'mx-set' | 'policy' | 'dane'; readonly code: string } | null;
  /** Sessions left of the usual number. */
  readonly volume?: number;
  /** The reports of these reporters stop. */
  readonly silent?: 'one' | 'all';
  readonly days: readonly [least: number, most: number];
}

export const mxFault = (
  name: string,
  types: IncidentKind['types'],
  code: string,
  share: IncidentKind['share'],
  changes: Partial<IncidentKind> = {},
): IncidentKind => ({
  name,
  actor: 'you',
  types,
  policy_type: 'sts',
  seen: 'all',
  share,
  mx: 0,
  probe: { kind: 'mx', code },
  days: [2, 9],
  ...changes,
});

export const policyFault = (
  name: string,
  type: string,
  code: string,
  share: IncidentKind['share'],
  changes: Partial<IncidentKind> = {},
): IncidentKind => ({
  ...mxFault(name, [type], code, share),
  mx: null,
  probe: { kind: 'policy', code },
  ...changes,
});

export const senderFault = (
  name: string,
  type: string | null,
  share: IncidentKind['share'],
  mx: 0 | null = 0,
): IncidentKind => ({
  name,
  actor: 'sender',
  types: [type],
  policy_type: 'sts',
  seen: 'one',
  share,
  mx,
  probe: null,
  days: [2, 14],
});

export const INCIDENT_KINDS: readonly IncidentKind[] = [
  mxFault('certificate of the primary expires', ['certificate-expired'], 'mx-cert-expired', [0.4, 0.9]),
  mxFault('certificate of the backup expires', ['certificate-expired'], 'mx-cert-expired', [0.03, 0.12], { mx: 1 }),
  mxFault('certificate renewed without the MX name', ['certificate-host-mismatch'], 'mx-cert-name', [0.3, 0.9]),
  mxFault('intermediate missing', ['certificate-not-trusted'], 'mx-cert-chain', [0.3, 0.9], { seen: 'some' }),
  mxFault('self-signed after a reinstall', ['certificate-not-trusted'], 'mx-cert-chain', [0.5, 1]),
  mxFault('STARTTLS off after an upgrade', ['starttls-not-supported'], 'mx-no-starttls', [0.4, 0.9]),
  mxFault('STARTTLS off on one pool member', ['starttls-not-supported'], 'mx-no-starttls', [0.06, 0.2]),
  mxFault('key does not fit the certificate', ['validation-failure', null], 'mx-handshake', [0.3, 0.9]),
  mxFault('only old TLS', ['validation-failure'], 'mx-tls-old', [0.2, 0.6], { seen: 'some' }),
  mxFault('certificate revoked', ['certificate-not-trusted'], 'mx-cert-revoked', [0.2, 0.6], { seen: 'some' }),
  mxFault(
    'certificate not valid yet',
    ['certificate-not-trusted', 'validation-failure'],
    'mx-cert-not-yet-valid',
    [0.3, 0.9],
    {
      days: [1, 2],
    },
  ),
  mxFault('SNI needed', ['certificate-host-mismatch'], 'mx-sni-required', [0.1, 0.5], { seen: 'some' }),
  mxFault(
    'MX added before the policy',
    ['validation-failure', 'certificate-host-mismatch', 'sts-policy-invalid'],
    'mx-not-covered',
    [0.1, 0.5],
    { mx: null, probe: { kind: 'mx-set', code: 'mx-not-covered' } },
  ),
  mxFault('IPv6 address without a certificate', ['certificate-host-mismatch'], 'mx-cert-name', [0.05, 0.3]),
  policyFault('policy host answers 503', 'sts-policy-fetch-error', 'policy-http-status', [0.1, 0.5]),
  policyFault('policy host has no address', 'sts-policy-fetch-error', 'policy-host-dns', [0.1, 0.5]),
  policyFault('policy host is filtered', 'sts-policy-fetch-error', 'policy-http-timeout', [0.1, 0.5]),
  policyFault('policy host redirects', 'sts-policy-fetch-error', 'policy-http-redirect', [0.1, 0.5]),
  policyFault('policy served as HTML', 'sts-policy-invalid', 'policy-syntax', [0.1, 0.5]),
  policyFault('certificate of the policy host expires', 'sts-webpki-invalid', 'policy-cert-expired', [0.1, 0.5]),
  policyFault('CNAME moved to a host with another certificate', 'sts-webpki-invalid', 'policy-cert-name', [0.1, 0.5]),
  policyFault('key rolled before TLSA', 'tlsa-invalid', 'tlsa-mismatch', [0.3, 1], {
    policy_type: 'tlsa',
    mx: 0,
    probe: { kind: 'dane', code: 'tlsa-mismatch' },
  }),
  policyFault('signatures of the zone expire', 'dnssec-invalid', 'dnssec-bogus', [0.3, 1], {
    policy_type: 'tlsa',
    mx: 0,
    probe: { kind: 'dane', code: 'dnssec-bogus' },
  }),
  senderFault('STARTTLS stripped in one network of a sender', 'starttls-not-supported', [0.05, 0.4]),
  senderFault('a sender’s old trust store', 'certificate-not-trusted', [0.3, 1]),
  senderFault('a sender’s TLS library', 'validation-failure', [0.05, 0.3]),
  senderFault('a sender cannot fetch policies', 'sts-policy-fetch-error', [0.1, 0.6], null),
  senderFault('a sender’s broken name check', 'certificate-host-mismatch', [0.1, 0.5]),
  senderFault('a sender fails without saying why', null, [0.05, 0.3], null),
  {
    ...mxFault('cross-signed root expires in older trust stores', ['certificate-not-trusted'], '', [0.1, 0.6], {
      seen: 'some',
    }),
    actor: 'unknown',
    probe: null,
  },
  {
    ...mxFault(
      'per-client rule of the mail server',
      ['validation-failure', 'starttls-not-supported'],
      '',
      [0.08, 0.4],
      {
        seen: 'some',
      },
    ),
    actor: 'unknown',
    probe: null,
  },
  {
    ...mxFault('the provider’s front end loses STARTTLS', ['starttls-not-supported'], 'mx-no-starttls', [0.2, 0.8]),
    actor: 'provider',
  },
  {
    ...senderFault('a reporter stops reporting', null, [0, 0], null),
    seen: 'none',
    silent: 'one',
    days: [8, 20],
    actor: 'unknown',
  },
  {
    ...senderFault('reports no longer arrive', null, [0, 0], null),
    seen: 'none',
    silent: 'all',
    days: [5, 12],
    actor: 'you',
  },
  {
    ...senderFault('mail moves to another MX', null, [0, 0], null),
    seen: 'none',
    volume: 0.04,
    days: [4, 12],
    actor: 'unknown',
  },
];
