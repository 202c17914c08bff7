import { type IncidentKind, mxFault, policyFault, senderFault } from './incident-kinds.ts';

/**
 * Kinds that were written after the model was finished and that nobody looks at when it is changed: short and long ones,
 * some that fade, result types that are rare, and habits that only look like faults.
 */
export const HELD_OUT_KINDS: readonly IncidentKind[] = [
  mxFault('all hosts lose their certificate', ['certificate-expired'], 'mx-cert-expired', [0.85, 1], { days: [1, 3] }),
  mxFault('a fault that is mended host by host', ['certificate-not-trusted'], 'mx-cert-chain', [0.3, 0.9], {
    course: 'fading',
    days: [6, 12],
  }),
  mxFault('a month of a small leak', ['starttls-not-supported'], 'mx-no-starttls', [0.06, 0.12], { days: [20, 30] }),
  mxFault('one day only', ['validation-failure'], 'mx-handshake', [0.08, 0.5], { days: [1, 1] }),
  mxFault('a host that nobody declared', ['certificate-host-mismatch'], 'mx-not-covered', [0.05, 0.2], {
    mx: null,
    foreign_mx: 'mx9.elsewhere.example',
    probe: { kind: 'mx-set', code: 'mx-not-covered' },
  }),
  mxFault('half the clients meet the old node', ['certificate-expired', null], 'mx-cert-expired', [0.4, 0.6], {
    seen: 'some',
    days: [3, 8],
  }),
  policyFault('policy with a wrong max_age', 'sts-policy-invalid', 'policy-syntax', [0.2, 0.9], { seen: 'some' }),
  policyFault('policy host behind a bot filter', 'sts-policy-fetch-error', 'policy-http-status', [0.06, 0.2], {
    course: 'weekends',
    days: [14, 20],
  }),
  policyFault('TLSA records removed', 'dane-required', 'tlsa-missing-host', [0.3, 1], {
    policy_type: 'tlsa',
    mx: 0,
    probe: { kind: 'dane', code: 'tlsa-missing-host' },
  }),
  { ...senderFault('a sender’s resolver', 'dnssec-invalid', [0.2, 0.9]), policy_type: 'tlsa' },
  { ...senderFault('a sender’s weeks of a small leak', 'validation-failure', [0.06, 0.12]), days: [18, 28] },
  {
    ...senderFault('a sender that mends itself', 'certificate-not-trusted', [0.2, 0.8]),
    course: 'fading',
    days: [5, 10],
  },
  {
    ...senderFault('a third of the mail goes elsewhere', null, [0, 0], null),
    seen: 'none',
    volume: 0.25,
    days: [9, 15],
    actor: 'unknown',
  },
  { ...senderFault('reports doubled for a day', null, [0, 0], null), harmless: 'doubled', days: [1, 2] },
  { ...senderFault('reports late for a day', null, [0, 0], null), harmless: 'late', days: [1, 3] },
  { ...senderFault('a weekend of mailings', null, [0, 0], null), harmless: 'bursts of volume', days: [2, 5] },
];
