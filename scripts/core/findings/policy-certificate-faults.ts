import { type PlaybookEntry, type PlaybookSeverity, TWO_SOUND_LOOKS } from './playbook-entry.ts';

const WEBPKI =
  'Senders cannot fetch the policy (sts-webpki-invalid). Cached policies go on until their max_age runs out; all other senders deliver as if there were no MTA-STS.';
const SEVERITY: PlaybookSeverity = { testing: 'sev2', enforce: 'sev1' };
const LOOK =
  'Run `openssl s_client -connect mta-sts.{domain}:443 -servername mta-sts.{domain} -verify_hostname mta-sts.{domain} -verify_return_error </dev/null`.';

/** Faults of the HTTPS certificate of the policy host. */
export const POLICY_CERTIFICATE_FAULTS: readonly PlaybookEntry[] = [
  {
    rule: 'policy-cert-name',
    title: 'HTTPS certificate does not name the policy host',
    meaning:
      'No Subject Alternative Name of the certificate fits `mta-sts.` before the domain. A common name does not count.',
    side: 'receiving',
    causes: ['The hosting presents its default certificate.', 'The host name was not added at the hosting provider.'],
    confirm: LOOK,
    recommend: 'Add `mta-sts.{domain}` as host name at the hosting and let it issue a certificate with that name.',
    severity: SEVERITY,
    effect: WEBPKI,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-cert-expired',
    title: 'HTTPS certificate of the policy host expired',
    meaning: 'The certificate of the policy host is past its end date on at least one address.',
    side: 'receiving',
    causes: ['Renewal failed.', 'A CAA record forbids the CA.', 'One server was not reloaded.'],
    confirm: LOOK,
    recommend:
      'Renew the certificate of `mta-sts.{domain}` and reload every server behind that name; check CAA if renewal fails.',
    severity: SEVERITY,
    effect: WEBPKI,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-cert-chain',
    title: 'HTTPS certificate chain of the policy host is not trusted',
    meaning: 'The chain that the policy host sends does not lead to a public root.',
    side: 'receiving',
    causes: ['The intermediate is not sent.', 'The certificate is self-signed or from a private CA.'],
    confirm: LOOK,
    recommend:
      'Configure leaf and intermediates (`fullchain.pem`) of a public CA for `mta-sts.{domain}` and reload the web server.',
    severity: SEVERITY,
    effect: WEBPKI,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-cert-expiring',
    title: 'HTTPS certificate of the policy host expires soon',
    meaning: 'The certificate should have been renewed by now and was not.',
    side: 'receiving',
    causes: ['Automatic renewal failed: challenge blocked, rate limit, CAA, or a lapsed account.'],
    confirm: LOOK,
    recommend: 'Find out why the renewal of `mta-sts.{domain}` did not run and renew it by hand now.',
    severity: {
      testing: 'sev3',
      enforce: 'sev3',
      note: 'sev3 from the notify threshold, sev2 from the on-call threshold, under enforce sev1 from the critical one; thresholds follow the lifetime of the certificate.',
    },
    effect: 'None yet. From the end date on senders cannot fetch the policy.',
    confirms_repair: 'Every address presents a certificate with a later end date.',
    reference: 'RFC 8461 §3.3 and §8.2',
  },
  {
    rule: 'caa-blocks',
    title: 'CAA record forbids the CA of the policy host',
    meaning:
      'The CAA records of the domain do not allow the CA that the hosting uses, so the next certificate cannot be issued.',
    side: 'receiving',
    causes: ['CAA was tightened without thinking of the policy host.', 'The hosting changed its CA.'],
    confirm:
      'Run `dig CAA mta-sts.{domain}` and, going up, `dig CAA {domain}`; compare with the issuer of the certificate in use.',
    recommend:
      'Add a CAA record that allows the CA of the hosting, for example `0 issue "letsencrypt.org"`, at `mta-sts.{domain}` or {domain}.',
    severity: { testing: 'sev2', enforce: 'sev2' },
    effect: 'None yet. When the certificate runs out senders cannot fetch the policy.',
    confirms_repair: 'The CAA records allow the CA, and the next certificate is issued.',
    reference: 'RFC 8659 §3',
  },
];
