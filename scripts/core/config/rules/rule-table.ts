/**
 * Every rule `check` knows, with its usual severity and what it is about, in one sentence. docs/configuration.md shows
 * this table. Ids are permanent: people search for them and workflows filter by them.
 */
interface Rule {
  /** An `error` keeps the domain out of everything that follows; a rule may report a milder or graver case. */
  readonly severity: 'error' | 'warning';
  readonly about: string;
}

const error = (about: string): Rule => ({ severity: 'error', about });
const warning = (about: string): Rule => ({ severity: 'warning', about });

const TABLE = {
  // Files under domains/.
  'file-name': error('The name of a file or folder holds characters that do not print, or the file ends in `.yml`.'),
  'file-kind': error('A folder, device or socket stands where a file is expected.'),
  'file-depth': error('A folder lies below a customer’s folder; it is not read.'),
  'file-outside-root': error('A symbolic link leads out of the repository; it is not followed.'),
  'file-too-large': error('A file is larger than 256 KiB; it is not read.'),
  'file-unreadable': error('The system refused to read a file or folder.'),
  'file-count': error('There are more files than Postern reads.'),
  'file-ignored': warning('A file has a name that Postern does not read.'),
  'file-encoding': error('A file is not plain UTF-8: another encoding, a byte order mark, or broken bytes.'),
  'file-control-character': error('A file holds characters that do not print or that reorder the text around them.'),
  'file-empty': error('A file holds nothing but comments.'),
  'domain-name': error('A file name, or a name inside a file, is not a domain name in A-labels.'),
  'duplicate-domain': error('Two files describe the same domain.'),
  'policy-host-name': warning('A file is named after a policy host, not after the domain it serves.'),
  'too-many-problems': warning('A file has more problems than are shown.'),

  // YAML.
  'yaml-syntax': error('The text is not YAML.'),
  'yaml-duplicate-key': error(
    'A key stands twice in the same map; YAML forbids it and readers differ on which one counts.',
  ),
  'yaml-alias': error('An anchor, alias or merge key; also a pattern such as `*.example.com` without quotes.'),
  'yaml-tag': error('A tag such as `!!str`; values have the type they are written in.'),
  'yaml-documents': error('A file holds more than one YAML document.'),
  'yaml-key': error('A key that is not plain text.'),

  // What the schema says.
  'unknown-key': error('A key that does not exist here.'),
  'missing-key': error('A key that is required here.'),
  'value-invalid': error('A value of the wrong type, form or size.'),
  handle: error('Not a GitHub user or team.'),
  'mail-address': error('Not a mail address.'),
  date: error('Not a day that exists.'),
  'path-outside': error('A path that is not relative to the root, or leaves it.'),

  // The policy.
  'mode-missing': error('Neither `mode` nor `same_as` is written.'),
  'mx-missing': error('A policy in testing or enforce has no MX pattern (RFC 8461 §3.2).'),
  'mx-pattern': error('A pattern that RFC 8461 §3.2 does not allow.'),
  'pattern-broad': error(
    'A wildcard below a public suffix covers anybody’s hosts; below a provider’s domain (a warning) it covers those of others.',
  ),
  'pattern-never-matches': error(
    'A pattern that no MX host can match; for a provider’s wildcard, as far as its host names are known, a warning.',
  ),
  'pattern-duplicate': warning('The same pattern stands twice.'),
  'pattern-covered': warning('An exact name that a wildcard of the same list covers already.'),
  'max-age-bounds': error(
    '`max_age` outside 0 to 31557600, or below 86400 in enforce; a warning when it is merely short: below 604800 in enforce, below 86400 in testing.',
  ),
  'retire-needs-mode': error('`retire` without the mode that was in force.'),
  'same-as-unknown': error('`same_as` names a domain that is not here.'),
  'same-as-cycle': error('`same_as` leads back to its own domain.'),
  'same-as-unusable': error('`same_as` names a domain whose own file has an error.'),
  'same-as-conflict': error('`mode` or `mx` is written beside `same_as` and differs from what is shared.'),
  'rollout-reason': warning('`rollout` holds or shortens the path to enforce without a reason.'),

  // Reporting.
  'reporting-address': error('Not a report URI of RFC 8460 §3.'),
  'reporting-address-inside': warning(
    'Reports about a domain go to a mailbox of that same domain, where its own fault can delay them.',
  ),
  'enforce-without-reporting': warning('A domain enforces while nobody is told what fails.'),
  'result-type-unknown': warning('A result type that RFC 8460 §4.3 does not list.'),
  'known-issue-expired': warning('The last day of a known sender issue is past.'),
  'override-expired': warning('The last day of an override is past.'),
  'override-idle': warning('An override of a refusal that nothing lifts, or that there is none of.'),

  // What a domain takes from the settings.
  'settings-place': error(
    'A settings file elsewhere than at `domains/_settings.yaml`, or under a name like it; it is not read.',
  ),
  'settings-missing': error('`domains/_settings.yaml` does not exist.'),
  'unknown-hosting': error('`hosting` names nothing in the settings.'),
  'unknown-dns': error('`dns` names nothing in the settings.'),
  'dns-zone': error('The records of the domain do not lie in the zone of its `dns`.'),
  'pages-here-shared': error('Two domains want the one custom domain of this repository’s Pages.'),
  'delegation-zone-missing': error('`delegation: cname` without `delegation_zone` in the settings.'),
  'site-unredacted': warning('A public site that shows sender IPs, addresses and free text.'),
  'imap-without-tls': warning('The mailbox password would cross the network unprotected.'),
  'business-hours': error('The working day ends before it begins, or the time zone does not exist.'),
  'example-clock': warning('The template’s clock is still set although real domains are configured.'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof TABLE;
export const RULES: Readonly<Record<RuleId, Rule>> = TABLE;
