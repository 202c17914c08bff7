import { type PlaybookEntry, type PlaybookSeverity, TWO_SOUND_LOOKS } from './playbook-entry.ts';

const HELD =
  'Under enforce senders do not deliver to this host: next MX, then delay for hours or days, then a bounce. Under testing the mail is delivered.';
const SEVERITY: PlaybookSeverity = { testing: 'sev2', enforce: 'sev1' };
const LOOK =
  'Run `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} -showcerts </dev/null` against every address.';

/** Faults of the certificate that an MX host presents after STARTTLS. */
export const MX_CERTIFICATE_FAULTS: readonly PlaybookEntry[] = [
  {
    rule: 'mx-cert-name',
    title: 'Certificate does not name the MX host',
    meaning:
      'No Subject Alternative Name fits the host name in the MX record. The pattern in the policy plays no part in this check.',
    side: 'receiving',
    causes: ['The certificate was issued for another name.', 'The server presents its default certificate.'],
    confirm: LOOK,
    recommend:
      'Issue a certificate with {mx} among its Subject Alternative Names for every address, or change the MX record to a name the certificate has. Do not change the policy: it would not help.',
    severity: SEVERITY,
    effect: HELD,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §4.2; RFC 9525 §6',
  },
  {
    rule: 'mx-cert-expired',
    title: 'Certificate of the MX host expired',
    meaning: 'The certificate is past its end date on at least one address.',
    side: 'receiving',
    causes: ['Renewal failed.', 'The mail server was not reloaded.', 'One node was forgotten.'],
    confirm: LOOK,
    recommend: 'Renew the certificate of {mx}, install it on every node, and reload the mail server.',
    severity: SEVERITY,
    effect: HELD,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §4.2',
  },
  {
    rule: 'mx-cert-chain',
    title: 'Certificate chain of the MX host is not trusted',
    meaning: 'What the host sends does not lead to a public root.',
    side: 'receiving',
    causes: ['The intermediate is not sent.', 'The certificate is self-signed or from a private CA.'],
    confirm: LOOK,
    recommend:
      'Configure leaf and intermediates (`fullchain.pem`, not `cert.pem`) on every address of {mx} and reload the mail server.',
    severity: SEVERITY,
    effect: HELD,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §4.2',
  },
  {
    rule: 'mx-cert-not-yet-valid',
    title: 'Certificate of the MX host is not valid yet',
    meaning: 'The certificate begins in the future.',
    side: 'receiving',
    causes: ['It was installed early.', 'The clock of the issuing system is wrong.'],
    confirm: LOOK,
    recommend:
      'Put the former certificate back on {mx} until the new one has begun, or issue it again with the right clock.',
    severity: SEVERITY,
    effect: HELD,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 5280 §4.1.2.5; RFC 8461 §4.2',
  },
  {
    rule: 'mx-cert-revoked',
    title: 'Certificate of the MX host is revoked',
    meaning: 'The CA lists the certificate as revoked.',
    side: 'receiving',
    causes: ['The key was lost or published.', 'The CA withdrew certificates it had issued wrongly.'],
    confirm: 'Look the serial number up in the revocation list that the certificate names.',
    recommend:
      'Issue a new certificate for {mx} with a new key, install it on every node and reload. Change TLSA records first if the key is pinned.',
    severity: SEVERITY,
    effect: 'Senders that check revocation hold the mail under enforce; many do not check.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 5280 §6.3; RFC 8461 §4.2',
  },
  {
    rule: 'mx-cert-weak-key',
    title: 'Key of the MX certificate is too weak',
    meaning: 'The certificate has a key or a signature that current senders refuse: RSA under 2048 bits, or SHA-1.',
    side: 'receiving',
    causes: ['An old key was kept through renewals.'],
    confirm: LOOK,
    recommend:
      'Issue a certificate for {mx} with a new ECDSA P-256 or RSA 2048 key. Change TLSA records first if the key is pinned.',
    severity: SEVERITY,
    effect: 'Senders that refuse the key hold the mail under enforce.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 9325 §4.5',
  },
  {
    rule: 'mx-cert-expiring',
    title: 'Certificate of the MX host expires soon',
    meaning: 'The certificate should have been renewed by now and was not.',
    side: 'receiving',
    causes: [
      'Automatic renewal failed: challenge blocked, rate limit, or a lapsed account.',
      'The certificate was renewed and the mail server not reloaded.',
    ],
    confirm: LOOK,
    recommend:
      'Find out why the renewal for {mx} did not run, renew it by hand now, and reload the mail server on every node.',
    severity: {
      testing: 'sev3',
      enforce: 'sev3',
      note: 'sev3 from the notify threshold, sev2 from the on-call threshold, under enforce sev1 from the critical one; thresholds follow the lifetime of the certificate.',
    },
    effect: 'None yet. From the end date on senders hold the mail under enforce.',
    confirms_repair: 'Every address presents a certificate with a later end date.',
    reference: 'RFC 8461 §4.2',
  },
];
