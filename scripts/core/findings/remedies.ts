/**
 * What to do where a probe has seen more than the rule alone says: by rule, then by the reason of docs/probing.md. Where both
 * are silent, the `recommend` of the playbook entry stands. Placeholders as there.
 */
export const REMEDIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'mx-cert-chain': {
    'self-signed':
      'Replace the self-signed certificate on every address of {mx} by one of a public CA that names {mx}, then reload the mail server: MTA-STS accepts no other. While DANE pins the key, publish the TLSA record of the new key first.',
    'untrusted-root':
      'Replace the certificate on every address of {mx} by one of a public CA that names {mx}, then reload the mail server: senders do not know the root it leads to.',
    'intermediate-expired':
      'Take the current intermediate from your CA, put it after the leaf in the chain file in place of the expired one (renewing the certificate does both), and reload the mail server on every address of {mx}.',
    'issuer-unknown':
      'Configure leaf and intermediates (`fullchain.pem`, not `cert.pem`) on every address of {mx} and reload the mail server. If you have no intermediate for this issuer, the certificate is of a private CA: get one of a public CA.',
    'wrong-usage':
      'Issue a certificate for servers (extended key usage serverAuth) that names {mx}: the one in use is for another purpose. Install it on every address and reload the mail server.',
  },
  'policy-cert-chain': {
    'self-signed':
      'Replace the self-signed certificate of `mta-sts.{domain}` by one of a public CA and reload the web server.',
    'untrusted-root':
      'Replace the certificate of `mta-sts.{domain}` by one of a public CA and reload the web server: senders do not know the root it leads to.',
    'intermediate-expired':
      'Take the current intermediate from your CA in place of the expired one (renewing the certificate does both) and reload the web server of `mta-sts.{domain}`.',
    'wrong-usage':
      'Issue a certificate for servers (extended key usage serverAuth) for `mta-sts.{domain}`: the one in use is for another purpose.',
  },
  'mx-cert-name': {
    'no-name':
      'Issue a certificate with {mx} as a Subject Alternative Name: this one has none, and the Common Name does not count (RFC 9525 §2). Install it on every address and reload the mail server.',
  },
  'mx-cert-weak-key': {
    'weak-signature':
      'Have the certificate of {mx} issued again, signed with SHA-256 or better; the key may stay. Install it on every address and reload the mail server.',
  },
  'mx-handshake': {
    'no-common-version':
      'Allow TLS 1.2 and 1.3 on every address of {mx} (Postfix: `smtpd_tls_protocols = >=TLSv1.2`), then reload.',
    'no-common-cipher':
      'Allow current ciphers on every address of {mx} (Postfix: `smtpd_tls_mandatory_ciphers = medium`, no list of your own), then reload.',
    'client-certificate':
      'Do not demand a certificate from clients on port 25 of {mx} (Postfix: `smtpd_tls_req_ccert = no`): senders have none.',
    injected:
      'Find what writes in clear text after STARTTLS was accepted, on {mx} or on a filter in front of it, and update it: this is the hole of CVE-2011-0411, and senders break off.',
    'not-tls':
      'What {mx} answers after STARTTLS is no TLS: look for a filter or load balancer in front of the mail server that accepts STARTTLS and does not speak TLS, and take it off port 25 or configure TLS in it.',
    timeout:
      'After STARTTLS {mx} stays silent. Look in the log of the mail server at the time of the look, and at firewalls that drop large packets (path MTU) or filters that inspect SMTP on port 25.',
    closed:
      'After STARTTLS {mx} closes the connection. Look in the log of the mail server at the time of the look: mostly key and certificate do not belong together, or the key cannot be read.',
    'starttls-temporary':
      'STARTTLS is offered by {mx} and then refused for the moment (454). Look in the log of the mail server: mostly the certificate or the key cannot be read, or the service that does TLS is down.',
    'starttls-refused':
      'STARTTLS is offered by {mx} and then refused. Look in the log of the mail server why; in its configuration the certificate and the key must be set for port 25.',
  },
  'mx-no-starttls': {
    'no-ehlo':
      'EHLO is refused by {mx}, without which no sender can ask for STARTTLS: look for a filter or firewall that inspects SMTP (`smtp fixup`) in front of the mail server, and switch the inspection off.',
    'not-smtp':
      'What answers on port 25 of {mx} does not speak SMTP: let the mail server listen there, or remove the address from DNS.',
    'too-long':
      'What answers on port 25 of {mx} sends a greeting without end: look for a filter or tarpit in front of the mail server, and exempt senders from it.',
  },
};

/** For the reasons that were seen under one rule, what to do about each; null where the general advice stands. */
export function remedyFor(rule: string, reasons: readonly string[]): string | null {
  const known = REMEDIES[rule];
  if (known === undefined || reasons.length === 0) return null;
  const texts = [...new Set(reasons)].map((reason) => (Object.hasOwn(known, reason) ? known[reason] : undefined));
  return texts.every((text) => text !== undefined) ? texts.join(' ') : null;
}
