import { type PlaybookEntry, type PlaybookSeverity, TWO_SOUND_LOOKS } from './playbook-entry.ts';

const FETCH_ERROR =
  'Senders cannot fetch the policy. Cached policies go on until their max_age runs out; all other senders deliver as if there were no MTA-STS. No mail is refused because of it.';
const SEVERITY: PlaybookSeverity = { testing: 'sev2', enforce: 'sev1' };
const FETCH = 'Run `curl -sv --max-redirs 0 https://mta-sts.{domain}/.well-known/mta-sts.txt` with `-4` and with `-6`.';

/** Faults in fetching the policy over HTTPS: name, connection, answer, text. */
export const POLICY_HOST_FAULTS: readonly PlaybookEntry[] = [
  {
    rule: 'policy-host-dns',
    title: 'Name of the policy host does not resolve',
    meaning: '`mta-sts.` before the domain has neither an A nor an AAAA record.',
    side: 'receiving',
    causes: ['The record was never published or was deleted.', 'The CNAME points to a name that is gone.'],
    confirm: 'Run `dig mta-sts.{domain} A` and `dig mta-sts.{domain} AAAA`.',
    recommend: 'Publish the CNAME, or the A and AAAA records, of `mta-sts.{domain}` that the hosting asks for.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-refused',
    title: 'Policy host refuses the connection',
    meaning: 'Nothing accepts connections on port 443 of the policy host on at least one address.',
    side: 'receiving',
    causes: [
      'The web server is down or listens only on port 80.',
      'A firewall stops port 443.',
      'An AAAA record points to a host that does not listen there.',
    ],
    confirm: FETCH,
    recommend:
      'Start the web server for `mta-sts.{domain}` on port 443 on every published address, or remove the address that has none.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-http-status',
    title: 'Policy host does not answer 200',
    meaning: 'The answer has another HTTP status than 200. Senders accept 200 alone.',
    side: 'receiving',
    causes: [
      'The file is missing: `.well-known` was not deployed.',
      'Bot protection or a rate limit answers 403 or 429.',
      'The host is not set up for this name.',
    ],
    confirm: FETCH,
    recommend:
      'Deploy the built document root of {domain}, `.well-known` included, and take this path out of bot protection and rate limits.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-http-redirect',
    title: 'Policy host redirects',
    meaning: 'The answer is a redirect. Senders must not follow it, not even on the same host.',
    side: 'receiving',
    causes: ['A rule that sends every name to `www`.', 'The domain is set up as a redirect at the hosting provider.'],
    confirm: FETCH,
    recommend: 'Exempt `mta-sts.{domain}` from redirect rules, so that the path itself answers 200 with the policy.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-http-media-type',
    title: 'Policy has the wrong media type',
    meaning: 'The Content-Type is not `text/plain`. Several senders refuse the policy then.',
    side: 'receiving',
    causes: ['The web server does not know the ending `.txt`.', 'An HTML page is served in place of the file.'],
    confirm: FETCH,
    recommend: 'Serve `/.well-known/mta-sts.txt` with `Content-Type: text/plain`.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.2',
  },
  {
    rule: 'policy-http-size',
    title: 'Policy is too large',
    meaning: 'The answer is larger than 64 KB, where senders stop reading.',
    side: 'receiving',
    causes: ['A web page is served in place of the policy.'],
    confirm: 'Run `curl -s https://mta-sts.{domain}/.well-known/mta-sts.txt | wc -c`.',
    recommend: 'Serve the built policy file of {domain}; it has less than 4 KB.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-http-timeout',
    title: 'Policy host answers too slowly',
    meaning:
      'The whole answer did not arrive before the deadline. The RFC suggests one minute; some senders give four seconds.',
    side: 'receiving',
    causes: ['The host is overloaded or a backend hangs.', 'One address, often IPv6, leads nowhere.'],
    confirm: `${FETCH} Watch the time.`,
    recommend:
      'Serve the policy as a static file from every published address of `mta-sts.{domain}`, within four seconds. Remove addresses that lead nowhere.',
    severity: SEVERITY,
    effect: FETCH_ERROR,
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3',
  },
  {
    rule: 'policy-encoding',
    title: 'Policy is not plain ASCII text',
    meaning: 'The text begins with a byte order mark, is UTF-16, or comes compressed although nobody asked for that.',
    side: 'receiving',
    causes: ['The file was saved by an editor that adds a byte order mark.', 'A proxy compresses every answer.'],
    confirm:
      'Run `curl -s https://mta-sts.{domain}/.well-known/mta-sts.txt | od -c | head -3`: the first bytes must be `version`.',
    recommend: 'Serve exactly the built policy file of {domain}: ASCII, no byte order mark, no forced compression.',
    severity: SEVERITY,
    effect:
      'Many senders find the policy invalid: cached policies go on, all others deliver as if there were no MTA-STS.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.2',
  },
  {
    rule: 'policy-syntax',
    title: 'Policy text breaks the grammar',
    meaning: 'The served text is not a valid policy.',
    side: 'receiving',
    causes: [
      'A blank line, a missing or doubled key, or max_age out of range.',
      'The file was edited by hand on the server.',
    ],
    confirm: `${FETCH} Compare the text with the built file.`,
    recommend:
      'Serve exactly the built policy file of {domain}. If the text changed, announce a fresh `id` after it is served.',
    severity: SEVERITY,
    effect: 'Senders find the policy invalid: cached policies go on, all others deliver as if there were no MTA-STS.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.2',
  },
  {
    rule: 'policy-edge-skew',
    title: 'Addresses of the policy host serve different texts',
    meaning: 'The policy differs between addresses, usually while a cache still holds the old text.',
    side: 'receiving',
    causes: ['A content network has not refreshed yet.', 'One server was not deployed.'],
    confirm: 'Fetch the policy from every address with `curl --resolve mta-sts.{domain}:443:ADDRESS` and compare.',
    recommend:
      'Wait for the cache time or purge the cache, deploy the server that was left out, and hold the new `id` until all agree.',
    severity: { testing: 'sev3', enforce: 'sev2' },
    effect: 'Some senders may cache the old text under the new `id`.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §8.1',
  },
];
