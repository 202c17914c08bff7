import { type IncidentKind, mxFault, policyFault, senderFault } from './incident-kinds.ts';

/**
 * Kinds that no figure of the model was chosen by: courses other than a step, types other than the usual ones, and what
 * looks like an incident and is none.
 */
export const UNSEEN_KINDS: readonly IncidentKind[] = [
  mxFault('a slow ramp: the pool is moved host by host', ['starttls-not-supported'], 'mx-no-starttls', [0.15, 0.6], {
    course: 'ramp',
    days: [10, 16],
  }),
  mxFault('one MX of three', ['certificate-host-mismatch'], 'mx-cert-name', [0.25, 0.35]),
  mxFault('renewed and not reloaded on one pool member', ['certificate-expired'], 'mx-cert-expired', [0.1, 0.3]),
  mxFault(
    'every third day: a job restarts the server with the old file',
    ['validation-failure'],
    'mx-handshake',
    [0.1, 0.4],
    {
      course: 'every third day',
      days: [10, 16],
    },
  ),
  mxFault('weekends only: a standby host takes over', ['certificate-not-trusted'], 'mx-cert-chain', [0.2, 0.7], {
    course: 'weekends',
    days: [14, 20],
  }),
  mxFault('failures without details from everyone', [null], 'mx-handshake', [0.1, 0.6]),
  mxFault('a result type that nobody knows', ['other'], 'mx-handshake', [0.1, 0.6]),
  mxFault(
    'mixed types',
    ['starttls-not-supported', 'validation-failure', 'certificate-host-mismatch', null],
    'mx-handshake',
    [0.1, 0.3],
    { mixed: true },
  ),
  mxFault(
    'migration to an MX set that the policy does not name',
    ['validation-failure'],
    'mx-not-covered',
    [0.2, 0.8],
    {
      mx: null,
      foreign_mx: 'mx1.new-provider.example',
      probe: { kind: 'mx-set', code: 'mx-not-covered' },
    },
  ),
  mxFault(
    'enforced too early: the backup never had a certificate',
    ['certificate-not-trusted'],
    'mx-cert-chain',
    [0.05, 0.15],
    {
      mx: 1,
    },
  ),
  policyFault('policy host flickers', 'sts-policy-fetch-error', 'policy-http-status', [0.08, 0.25], {
    course: 'every third day',
    days: [9, 15],
  }),
  { ...senderFault('one region of a sender', 'starttls-not-supported', [0.06, 0.15]), days: [3, 12] },
  { ...senderFault('a sender’s outage of one day', 'validation-failure', [0.3, 1]), days: [1, 1] },
  { ...senderFault('a sender’s new type', 'other', [0.05, 0.3]), days: [3, 14] },
  {
    ...senderFault('a sender’s weekends', 'certificate-host-mismatch', [0.1, 0.4]),
    course: 'weekends',
    days: [10, 16],
  },
  {
    ...senderFault('a reporter is away and comes back', null, [0, 0], null),
    seen: 'none',
    silent: 'one',
    days: [12, 20],
    actor: 'unknown',
  },
  {
    ...senderFault('60 % of the mail goes elsewhere', null, [0, 0], null),
    seen: 'none',
    volume: 0.4,
    days: [10, 16],
    actor: 'unknown',
  },
  { ...senderFault('a reporter renamed', null, [0, 0], null), harmless: 'renamed', days: [80, 90] },
  { ...senderFault('reports doubled', null, [0, 0], null), harmless: 'doubled', days: [10, 20] },
  { ...senderFault('reports three days late', null, [0, 0], null), harmless: 'late', days: [10, 20] },
  { ...senderFault('large mailings', null, [0, 0], null), harmless: 'bursts of volume', days: [10, 20] },
];
