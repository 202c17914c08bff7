import { type PlaybookEntry, TWO_CLEAN_DAYS } from './playbook-entry.ts';

/** Result types about DANE (RFC 8460 §4.3.2.1) and about the MTA-STS policy itself (§4.3.2.2). */
export const POLICY_RESULT_TYPES: readonly PlaybookEntry[] = [
  {
    rule: 'tlsa-invalid',
    title: 'No TLSA record matches the certificate',
    meaning: 'No TLSA record of the MX host could be used, or none matched the certificate it presented.',
    side: 'receiving',
    causes: [
      'The key was changed before the new TLSA record was published.',
      'A `3 0 1` record, which pins the whole certificate, met a renewal.',
      'The record stands at the wrong name; the right one is `_25._tcp.` before the MX host name.',
      'The record is malformed, or one node still presents the old key.',
    ],
    confirm:
      'Run `dig +dnssec TLSA _25._tcp.{mx}` and compare with the hash of the key presented on every address: `openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} </dev/null | openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256`.',
    recommend:
      'Put the old key back on {mx} if you still have it: that works at once. Otherwise publish a `3 1 1` record with the hash of the key now in use, beside the old record, and expect failures until the TTL of the old RRset has passed. For the next change publish the new record at least two TTLs before the swap.',
    severity: {
      testing: 'sev1',
      enforce: 'sev1',
      note: 'DANE has no testing mode: mail is held whatever the MTA-STS mode.',
    },
    effect:
      'DANE senders do not deliver to this host at all, whatever the MTA-STS policy says: next MX, then delay, then a bounce.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.1; RFC 7671 §8; RFC 7672 §2.2',
  },
  {
    rule: 'dnssec-invalid',
    title: 'DNSSEC validation failed',
    meaning: 'The resolver of the sender got no answer it could validate for a name on the way to this MX host.',
    side: 'receiving',
    causes: [
      'Signatures expired.',
      'The DS record at the parent does not fit the DNSKEY of the zone.',
      'The proof that `_25._tcp` does not exist is broken.',
      'The resolver of the sender is broken or does not know the algorithm.',
    ],
    confirm:
      'Run `delv @1.1.1.1 TLSA _25._tcp.{mx}`, and `delv` for the MX, A and AAAA records too. An answer with `dig +cd` and SERVFAIL without it means bogus.',
    recommend:
      'Sign the zone again or repair the DS record at the registrar until `delv` says `fully validated` for MX, A, AAAA and TLSA. If neither can be done soon, take the DS record out at the registrar and wait out its TTL: the zone is then unsigned, not broken.',
    severity: {
      testing: 'sev1',
      enforce: 'sev1',
      unconfirmed: 'sev3',
      note: 'sev3 while only reports say so: it may be the resolver of the sender.',
    },
    effect: 'DANE senders treat the host as unreachable and do not fall back: next MX, then delay, then a bounce.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.1; RFC 7672 §2.1 and §2.2',
  },
  {
    rule: 'dane-required',
    title: 'Sender demands DANE and finds none',
    meaning: 'This sender is configured to deliver here only with DANE, and the MX host has no validated TLSA record.',
    side: 'sending',
    causes: [
      'Somebody agreed on mandatory DANE between the two of you.',
      'The TLSA record was removed, or never covered this host.',
    ],
    confirm: 'Run `dig +dnssec TLSA _25._tcp.{mx}`. Ask whether DANE was ever promised to this sender.',
    recommend:
      'Publish a `3 1 1` TLSA record for {mx} in a signed zone if DANE was promised. Otherwise ask {reporter} to lift the demand for {domain}.',
    severity: {
      testing: 'sev2',
      enforce: 'sev2',
      unconfirmed: 'sev3',
      note: 'sev2 when a TLSA record vanished unplanned, otherwise sev3.',
    },
    effect: 'This one sender does not deliver to this host. Others are not touched.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.1',
  },
  {
    rule: 'sts-policy-fetch-error',
    title: 'MTA-STS policy could not be fetched',
    meaning: 'The sender saw the `_mta-sts` record but could not fetch the policy from the policy host.',
    side: 'receiving',
    causes: [
      'The policy host is down, or its name does not resolve.',
      'It answers with a redirect, 403, 404 or 429. Senders accept status 200 alone and follow no redirect.',
      'Bot protection, a country or address filter, or a rate limit stops senders but not browsers.',
      'IPv6 is announced and broken.',
    ],
    confirm:
      'Run `curl -sv --max-redirs 0 https://mta-sts.{domain}/.well-known/mta-sts.txt` with `-4` and with `-6`, from two networks. It must answer 200 with `text/plain`, without a redirect.',
    recommend:
      'Make `https://mta-sts.{domain}/.well-known/mta-sts.txt` answer 200 with the policy text on every address. Remove redirects, and take this path out of bot protection and address filters.',
    severity: { testing: 'sev2', enforce: 'sev1', note: 'A probe waits for one hour of failure before it says sev1.' },
    effect:
      'No mail is refused because of this. Senders with a cached policy go on applying it until its max_age runs out; all others deliver as if there were no MTA-STS, a silent downgrade.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.2; RFC 8461 §3.3',
  },
  {
    rule: 'sts-policy-invalid',
    title: 'MTA-STS policy text is invalid',
    meaning:
      'The sender fetched the policy and could not accept its text. Some senders also use this type when no `mx` line matches the MX host.',
    side: 'receiving',
    causes: [
      'A blank line, a byte order mark, an HTML page, or a wrong media type.',
      'A key is missing or doubled, or max_age is out of range.',
      'No `mx` line matches the MX host.',
    ],
    confirm:
      'Run `curl -s https://mta-sts.{domain}/.well-known/mta-sts.txt | od -c | head -20`: it must begin with `version: STSv1`, hold one key a line and no blank line. Compare it with the file built from {file}.',
    recommend:
      'Serve exactly the built policy file of {domain}, byte for byte, as `text/plain`. If its text had to change, announce it with a fresh `id` in the `_mta-sts` record, after the text is served. If the text is right, make `mx` in {file} cover every MX host.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect:
      'Senders without a cached policy deliver as if there were no MTA-STS; senders with one go on applying it until its max_age runs out.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.2; RFC 8461 §3.2',
  },
  {
    rule: 'sts-webpki-invalid',
    title: 'HTTPS certificate of the policy host is not valid',
    meaning:
      'The sender could not fetch the policy because the HTTPS certificate of the policy host failed validation.',
    side: 'receiving',
    causes: [
      'The certificate does not name `mta-sts.` before the domain.',
      'It has expired, or the intermediate is not sent.',
      'The hosting provider presents its default certificate, because the host name is not set up there.',
      'A CAA record forbids the CA of the hosting provider.',
    ],
    confirm:
      'Run `openssl s_client -connect mta-sts.{domain}:443 -servername mta-sts.{domain} -verify_hostname mta-sts.{domain} -verify_return_error </dev/null`.',
    recommend:
      'Make the hosting present a valid certificate for `mta-sts.{domain}`: check that the host name is set up there, that no CAA record forbids its CA, and that the CNAME still points to it; then issue the certificate again.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect:
      'No mail is refused because of this. Cached policies go on until their max_age runs out; all other senders deliver as if there were no MTA-STS.',
    confirms_repair: TWO_CLEAN_DAYS,
    reference: 'RFC 8460 §4.3.2.2; RFC 8461 §3.3',
  },
];
