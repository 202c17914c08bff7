import { type PlaybookEntry, TWO_CLEAN_DAYS } from './playbook-entry.ts';

/** What a result type that the playbook does not know is told as. */
export const OTHER_FAILURE: PlaybookEntry = {
  rule: 'other',
  title: 'Failure of a type that is not registered',
  meaning:
    'The report names a result type that the IANA registry does not know. The sessions count as failed; the text as sent is kept.',
  side: 'undecided',
  causes: ['A type private to the vendor.', 'A misspelt type, for example with underscores.'],
  confirm: 'Read the type and the reason as sent in the evidence, and compare with other reporters of the same days.',
  recommend:
    'Read the raw type in the evidence. If it plainly means a registered type, follow the entry of that one. Otherwise ask {reporter} what it means.',
  severity: { testing: 'sev3', enforce: 'sev3' },
  effect: 'Not known: it depends on what the sender meant.',
  confirms_repair: TWO_CLEAN_DAYS,
  reference: 'RFC 8460 §4.3; IANA registry "STARTTLS Validation Result Types"',
};

/** Result types about the session with an MX host (RFC 8460 §4.3.1), and failures that no registered type names. */
export const MX_RESULT_TYPES: readonly PlaybookEntry[] = [
  {
    rule: 'starttls-not-supported',
    title: 'STARTTLS not offered',
    meaning: 'The MX host did not offer STARTTLS to this sender, so the session could not be encrypted.',
    side: 'undecided',
    causes: [
      'STARTTLS was switched off, often by an upgrade that replaced the configuration.',
      'The certificate or key file cannot be read, so the mail server drops the extension without a word.',
      'A load balancer, spam filter or old backup MX answers in place of the mail server.',
      'Greylisting answers before STARTTLS is offered.',
      'A middlebox in the network of the sender removes the offer. There is no result type of its own for this.',
    ],
    confirm:
      'Run `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} </dev/null` from outside against every IPv4 and IPv6 address of every MX host. If all of them offer STARTTLS and other senders succeed on the same days, the fault is in the network of the sender.',
    recommend:
      'Switch STARTTLS on in every listener on port 25 of {mx} (Postfix: `smtpd_tls_security_level = may` and a readable `smtpd_tls_chain_files`), reload, and test every address, backups and old hosts included. If every address is sound, do not relax the policy: send {reporter} the dates and sending addresses from its report.',
    severity: {
      testing: 'sev2',
      enforce: 'sev1',
      at_sender: 'sev3',
      note: 'sev3 when the fault lies with the sender.',
    },
    effect:
      'Under enforce the sender does not deliver to this host: it tries the next MX, then keeps the mail and retries for hours or days before it bounces. Under testing the mail goes out in clear text.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.1; RFC 8461 §4.2',
  },
  {
    rule: 'certificate-host-mismatch',
    title: 'Certificate does not name the MX host',
    meaning:
      'The certificate carries no name that fits the host name in the MX record. Some senders also use this type for an MX host that no pattern of the policy covers.',
    side: 'receiving',
    causes: [
      'The certificate is for mail.example.com while the MX record says mx1.example.com.',
      'The server presents its default certificate, because it does not use the name sent by SNI.',
      'The mail provider renamed its hosts, or the MX record points to an alias the certificate does not name.',
    ],
    confirm:
      'Run `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} </dev/null | openssl x509 -noout -ext subjectAltName`, once more with `-noservername` in place of `-servername {mx}`, and compare the names with the MX record, not with the pattern in the policy.',
    recommend:
      'Issue a certificate with {mx} among its Subject Alternative Names and install it on every address of that host, or change the MX record to a name that the certificate has. Changing the `mx` patterns of the policy does not help: the certificate is checked against the MX host name. If the certificate is right, make sure that `mx` in {file} covers {mx}.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect:
      'Under enforce senders do not deliver to this host: next MX, then delay for hours or days, then a bounce. Under testing the mail is delivered and the failure reported.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.1; RFC 8461 §4.1 and §4.2; RFC 9525 §6',
  },
  {
    rule: 'certificate-expired',
    title: 'Certificate expired',
    meaning: 'The certificate that the MX host presented was past its end date when the sender looked.',
    side: 'receiving',
    causes: [
      'Renewal failed: challenge blocked, rate limit, or a lapsed account at the CA.',
      'The certificate was renewed, but the mail server was not reloaded and still presents the old one.',
      'One member of a pool, or the backup MX, was forgotten.',
      'The clock of the sender is wrong. This is rare.',
    ],
    confirm:
      'Run `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} </dev/null | openssl x509 -noout -enddate -serial` against every address of every MX host, backups included.',
    recommend:
      'Renew the certificate of {mx}, install it on every node behind that name, and reload the mail server (Postfix: `postfix reload`). Then make renewal reload it by itself, for example with a certbot `--deploy-hook`.',
    severity: {
      testing: 'sev2',
      enforce: 'sev1',
      note: 'Never put down to the sender: a forgotten node looks just like a wrong clock.',
    },
    effect:
      'Under enforce senders do not deliver to this host: next MX, then delay for hours or days, then a bounce. DANE senders that match a usage 3 record ignore the date.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.1; RFC 8461 §4.2',
  },
  {
    rule: 'certificate-not-trusted',
    title: 'Certificate chain not trusted',
    meaning: 'The sender could not build a chain from the certificate of the MX host to a root it trusts.',
    side: 'receiving',
    causes: [
      'The intermediate certificate is not sent: `cert.pem` is configured where `fullchain.pem` is needed.',
      'The certificate is self-signed or comes from a private CA.',
      'The CA, or the cross-signature that older senders rely on, is no longer trusted.',
      'The certificate was revoked.',
    ],
    confirm:
      'Run `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} -showcerts </dev/null` and verify what is sent without fetching anything else; try a second trust store.',
    recommend:
      'Configure the full chain, leaf first and then every intermediate (`fullchain.pem`, not `cert.pem`), on every address of {mx}, and reload the mail server. Replace a self-signed or private certificate by one of a public CA: MTA-STS needs one.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect:
      'Under enforce senders do not deliver to this host: next MX, then delay for hours or days, then a bounce. Senders that remember the intermediate may succeed, so it can look random.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.1; RFC 8461 §4.2',
  },
  {
    rule: 'validation-failure',
    title: 'TLS failed for a reason that only the report text tells',
    meaning:
      'The session failed and no other type fitted. The failure-reason-code in the report, if any, says more. Read it as a hint from outside, not as a fact.',
    side: 'undecided',
    causes: [
      'The two sides share no TLS version or cipher, or the handshake broke off.',
      'The key or signature of the certificate is too weak for the sender.',
      'The MX host is covered by no pattern of the policy. There is no type of its own for this.',
      'Something at this one sender.',
    ],
    confirm:
      'Read the reason in the evidence. Try TLS 1.2 and TLS 1.3 (`openssl s_client -starttls smtp -connect {mx}:25 -tls1_2 </dev/null`), with an RSA and with an ECDSA certificate. Check that a pattern of the policy covers every MX host.',
    recommend:
      'Act on the reason text. If it speaks of the policy or the MX name, make `mx` in {file} cover every MX host. If it speaks of the handshake, allow TLS 1.2 and 1.3 with current ciphers on {mx}. If it tells nothing and only {reporter} fails, ask {reporter} with the dates and addresses from its report.',
    severity: {
      testing: 'sev3',
      enforce: 'sev2',
      testing_several: 'sev2',
      note: 'sev2 in testing as well when more than one reporter sees it.',
    },
    effect: 'Under enforce the sender does not deliver to this host: next MX, then delay, then a bounce.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.3',
  },
  OTHER_FAILURE,
  {
    rule: 'unspecified',
    title: 'Failures without details',
    meaning: 'The report counts more failed sessions than its details explain, or gives no details at all.',
    side: 'undecided',
    causes: ['The reporter leaves details out.', 'The list of details was cut short.'],
    confirm: 'Look at what other reporters say of the same days, and test every MX host yourself.',
    recommend:
      'Look for the same days at other reporters: they usually name the type. If none does, test STARTTLS and the certificate of every MX host of {domain}, and ask {reporter} for details.',
    severity: { testing: 'sev3', enforce: 'sev3' },
    effect: 'Under enforce these sessions did not deliver; the reason is not known.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.4',
  },
];
