/** One bad configuration: its files, and all that must be said about it. A text alone is `example.com.yaml`. */
export type RuleCase = readonly [files: string | Readonly<Record<string, string | Uint8Array>>, ...expected: string[]];

const GOOD = 'mode: testing\nmx: [mx.example.net]\n';
const settings = (text: string, domain = GOOD) => ({
  '_settings.yaml': `organisation: X\n${text}`,
  'example.com.yaml': domain,
});
const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])));

export const RULE_CASES: readonly RuleCase[] = [
  // File names.
  [{ 'example.yaml': GOOD }, 'example.yaml error domain-name'],
  [{ 'Example.com.yaml': GOOD }, 'Example.com.yaml error domain-name'],
  [{ 'müller.example.yaml': GOOD }, 'müller.example.yaml error domain-name'],
  [{ 'a_b.example.yaml': GOOD }, 'a_b.example.yaml error domain-name'],
  [{ '192.0.2.1.yaml': GOOD }, '192.0.2.1.yaml error domain-name'],
  [{ 'example.com..yaml': GOOD }, 'example.com..yaml error domain-name'],
  [
    { [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.yaml`]: GOOD },
    `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.yaml error domain-name`,
  ],
  [{ 'mta-sts.example.com.yaml': GOOD }, 'mta-sts.example.com.yaml warning policy-host-name'],
  [
    { 'a/example.com.yaml': GOOD, 'b/example.com.yaml': GOOD },
    'a/example.com.yaml error duplicate-domain',
    'b/example.com.yaml error duplicate-domain',
  ],
  [
    { 'example.yaml': 'mod: testing\n' },
    'example.yaml error domain-name',
    'example.yaml:1:1 error mode-missing',
    'example.yaml:1:1 error unknown-key',
  ],

  // Bytes.
  [{ 'example.com.yaml': bytes('mode: none # M', 0xfc, 'ller\n') }, 'example.com.yaml:1:15 error file-encoding'],
  [{ 'example.com.yaml': bytes('mode: none\nmx: [a.b', 0xe2, 0x82) }, 'example.com.yaml:2:9 error file-encoding'],
  [{ 'example.com.yaml': bytes(0xef, 0xbb, 0xbf, GOOD) }, 'example.com.yaml:1:1 error file-encoding'],
  [{ 'example.com.yaml': bytes(0xff, 0xfe, 'm', 0, 'o', 0) }, 'example.com.yaml:1:1 error file-encoding'],
  ['mode: none\nmx: [\0]\n', 'example.com.yaml:2:6 error file-control-character'],
  ['mode: none # \u001b[2J\n', 'example.com.yaml:1:14 error file-control-character'],
  ['mode: none # \u202eevil\n', 'example.com.yaml:1:14 error file-control-character'],
  ['', 'example.com.yaml error file-empty'],
  ['# nothing but a comment\n', 'example.com.yaml error file-empty'],
  ['---\n', 'example.com.yaml error file-empty'],

  // YAML.
  ['mode: testing: x\n', 'example.com.yaml:1:7 error yaml-syntax'],
  ['mode: none\nrollout:\n\thold: true\n', 'example.com.yaml:3:1 error yaml-syntax'],
  ['mode: none\nowners: [@octocat]\n', 'example.com.yaml:2:10 error yaml-syntax'],
  ['mx: [a.example, b.example\nmode: testing\n', 'example.com.yaml:2:1 error yaml-syntax'],
  [`mx: ${'['.repeat(40)}${']'.repeat(40)}\n`, 'example.com.yaml:1:20 error yaml-syntax'],
  [
    'mode: testing\nmx: [mx.example.net]\nmode: enforce\nmx: []\n',
    'example.com.yaml:3:1 error yaml-duplicate-key',
    'example.com.yaml:4:1 error yaml-duplicate-key',
  ],
  ['mode: none\ndane: {managed: true, managed: false}\n', 'example.com.yaml:2:23 error yaml-duplicate-key'],
  ['mode: testing\nmx: [*.example.com]\n', 'example.com.yaml:2:6 error yaml-alias'],
  ['mode: &m testing\nmx: [*m]\n', 'example.com.yaml:1:7 error yaml-alias', 'example.com.yaml:2:6 error yaml-alias'],
  [
    'rollout: &r {hold: true}\ndane:\n  <<: *r\n',
    'example.com.yaml:1:10 error yaml-alias',
    'example.com.yaml:3:7 error yaml-alias',
  ],
  ['mode: !!str none\n', 'example.com.yaml:1:7 error yaml-tag'],
  ['mode: none\n---\nmode: testing\n', 'example.com.yaml:3:1 error yaml-documents'],
  ['? [mode]\n: none\n', 'example.com.yaml:1:3 error yaml-key'],

  // The schema.
  [`${GOOD}maxage: 86400\n`, 'example.com.yaml:3:1 error unknown-key'],
  ['mode: none\ndane:\n  manged: true\n', 'example.com.yaml:3:3 error unknown-key'],
  ['- mode\n', 'example.com.yaml:1:1 error value-invalid'],
  ['mode: none\nmx: mx.example.net\n', 'example.com.yaml:2:5 error value-invalid'],
  ['mode: none\nmx:\n', 'example.com.yaml:2:1 error value-invalid'],
  ['mode: none\nmx: [mx.example.net, 5]\n', 'example.com.yaml:2:22 error value-invalid'],
  ['mode: Enforce\nmx: [mx.example.net]\n', 'example.com.yaml:1:7 error value-invalid'],
  ['mode: none\nretire: yes\n', 'example.com.yaml:2:9 error value-invalid'],
  ['mode: none\nrollout: {clean_days: 3}\n', 'example.com.yaml:2:23 error value-invalid'],
  [`mode: none\nrollout: {reason: "${'x'.repeat(5000)}"}\n`, 'example.com.yaml:2:20 error value-invalid'],
  [
    'mode: none\noverrides:\n  - code: promotion-guard\n    until: 2027-01-01\n',
    'example.com.yaml:3:5 error missing-key',
  ],
  [{ '_settings.yaml': 'site: {title: X}\n' }, '_settings.yaml:1:1 error missing-key'],
  [
    'mode: none\nowners: [me@example.com, "@a/b/c"]\n',
    'example.com.yaml:2:10 error handle',
    'example.com.yaml:2:26 error handle',
  ],
  ['mode: none\ndigest: ["@octocat"]\n', 'example.com.yaml:2:10 error mail-address'],
  ['mode: none\noverrides: [{code: x, reason: y, until: 2026-02-30}]\n', 'example.com.yaml:2:41 error date'],
  ['mode: none\noverrides: [{code: x, reason: y, until: 1.12.2027}]\n', 'example.com.yaml:2:41 error date'],
  [settings('mailbox: {folder: ../mail}\n'), '_settings.yaml:2:19 error path-outside'],
  [settings('network: {dkim_keys: /etc/passwd}\n'), '_settings.yaml:2:22 error path-outside'],
  [
    settings('mailbox: {folder: a, imap: {host: imap.example.com, user: u}}\n'),
    '_settings.yaml:2:10 error value-invalid',
  ],
  [
    settings('mailbox:\n  imap: {host: imap.example.com, user: u, password: s3cret}\n'),
    '_settings.yaml:3:43 error unknown-key',
  ],
  [settings('hosting:\n  Our Pages: {kind: worker}\n'), '_settings.yaml:3:3 error value-invalid'],
  [settings('hosting:\n  pages: {kind: pages-flet, owner: acme}\n'), '_settings.yaml:3:17 error value-invalid'],
  [settings('dns:\n  own: {kind: rfc2136, server: ns1.example.com}\n'), '_settings.yaml:3:8 error missing-key'],
  [settings('dns:\n  own: {kind: cloudflare, zone: nodots}\n'), '_settings.yaml:3:33 error domain-name'],
  [
    settings('network: {socks: "socks5://me:s3cret@proxy.example.com:1080"}\n'),
    '_settings.yaml:2:18 error value-invalid',
  ],
  [settings('example_clock: 2016-12-31T23:59:60Z\n'), '_settings.yaml:2:16 error value-invalid'],

  [{ '_settings.yaml': 'organisation: "X\\e[2J"\n' }, '_settings.yaml:1:15 error value-invalid'],
  [{ '_settings.yaml': 'organisation: "\\u202eX"\n' }, '_settings.yaml:1:15 error value-invalid'],
  [{ '_settings.yaml': 'organisation: "  "\n' }, '_settings.yaml:1:15 error value-invalid'],
  [{ '_settings.yaml': 'organisation: |\n  two\n  lines\n' }, '_settings.yaml:2:1 error value-invalid'],

  [settings('site: {url: "https://reports.example.com:99999/"}\n'), '_settings.yaml:2:13 error value-invalid'],

  // The policy.
  ['mx: [mx.example.net]\n', 'example.com.yaml:1:1 error mode-missing'],
  ['mode: enforce\nrua: ["mailto:tls@example.net"]\n', 'example.com.yaml:1:1 error mx-missing'],
  ['mode: testing\nmx: []\n', 'example.com.yaml:2:5 error mx-missing'],
  ['retire: true\nmx: [mx.example.net]\n', 'example.com.yaml:1:1 error retire-needs-mode'],
  ['mode: testing\nmx: [mx_1.example.net]\n', 'example.com.yaml:2:6 error mx-pattern'],
  [
    'mode: testing\nmx:\n  - mx.example.net.\n  - "mx*.example.net"\n  - 10 mx.example.net\n',
    'example.com.yaml:3:5 error mx-pattern',
    'example.com.yaml:4:5 error mx-pattern',
    'example.com.yaml:5:5 error mx-pattern',
  ],
  [
    'mode: testing\nmx: [müller.example, 192.0.2.1]\n',
    'example.com.yaml:2:6 error mx-pattern',
    'example.com.yaml:2:22 error mx-pattern',
  ],
  ['mode: testing\nmx: ["*.com"]\n', 'example.com.yaml:2:6 error pattern-broad'],
  [
    'mode: testing\nmx: ["*.co.uk", "*.github.io"]\n',
    'example.com.yaml:2:6 error pattern-broad',
    'example.com.yaml:2:17 warning pattern-broad',
  ],
  ['mode: testing\nmx: ["*.pphosted.com"]\n', 'example.com.yaml:2:6 warning pattern-broad'],
  [
    'mode: testing\nmx: ["*.google.com"]\n',
    'example.com.yaml:2:6 warning pattern-broad',
    'example.com.yaml:2:6 warning pattern-never-matches',
  ],
  [
    'mode: testing\nmx: ["*.outlook.com"]\n',
    'example.com.yaml:2:6 warning pattern-broad',
    'example.com.yaml:2:6 warning pattern-never-matches',
  ],
  ['mode: testing\nmx: ["*.protection.outlook.com"]\n', 'example.com.yaml:2:6 warning pattern-never-matches'],
  ['mode: testing\nmx: [mx1, mx.example.net]\n', 'example.com.yaml:2:6 error pattern-never-matches'],
  [
    `mode: testing\nmx: ["*.${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(56)}.com"]\n`,
    'example.com.yaml:2:6 error pattern-never-matches',
  ],
  ['mode: testing\nmx: [mx.example.net, MX.example.net]\n', 'example.com.yaml:2:22 warning pattern-duplicate'],
  ['mode: testing\nmx: ["*.example.net", mx.example.net]\n', 'example.com.yaml:2:23 warning pattern-covered'],
  [
    'mode: enforce\nmx: [mx.example.net]\nmax_age: 31557601\nrua: ["mailto:a@example.org"]\n',
    'example.com.yaml:3:10 error max-age-bounds',
  ],
  ['mode: none\nmax_age: -1\n', 'example.com.yaml:2:10 error max-age-bounds'],
  ['mode: none\nmax_age: 7d\n', 'example.com.yaml:2:10 error max-age-bounds'],
  [
    'mode: enforce\nmx: [mx.example.net]\nmax_age: 86399\nrua: ["mailto:a@example.org"]\n',
    'example.com.yaml:3:10 error max-age-bounds',
  ],
  [
    'mode: enforce\nmx: [mx.example.net]\nmax_age: 86400\nrua: ["mailto:a@example.org"]\n',
    'example.com.yaml:3:10 warning max-age-bounds',
  ],
  ['mode: testing\nmx: [mx.example.net]\nmax_age: 86399\n', 'example.com.yaml:3:10 warning max-age-bounds'],
  [`${GOOD}rollout: {hold: true}\n`, 'example.com.yaml:3:17 warning rollout-reason'],
  [`${GOOD}rollout: {clean_days: 7}\n`, 'example.com.yaml:3:23 warning rollout-reason'],

  // Sharing.
  ['same_as: example.net\n', 'example.com.yaml:1:10 error same-as-unknown'],
  ['same_as: example.com\n', 'example.com.yaml:1:10 error same-as-cycle'],
  [
    {
      'a.example.yaml': 'same_as: b.example\n',
      'b.example.yaml': 'same_as: a.example\n',
      'c.example.yaml': 'same_as: a.example\n',
    },
    'a.example.yaml:1:10 error same-as-cycle',
    'b.example.yaml:1:10 error same-as-cycle',
    'c.example.yaml:1:10 error same-as-unusable',
  ],
  [
    { 'a.example.yaml': 'same_as: b.example\n', 'b.example.yaml': 'mode: testing\n' },
    'a.example.yaml:1:10 error same-as-unusable',
    'b.example.yaml:1:1 error mx-missing',
  ],
  [
    { 'a.example.yaml': 'same_as: b.example\n', 'b.example.yaml': '[\n' },
    'a.example.yaml:1:10 error same-as-unusable',
    'b.example.yaml:2:1 error yaml-syntax',
  ],
  [
    { 'a.example.yaml': 'same_as: b.example\nmode: enforce\nmx: [mx.example.org]\n', 'b.example.yaml': GOOD },
    'a.example.yaml:2:7 error same-as-conflict',
    'a.example.yaml:3:5 error same-as-conflict',
  ],

  // Reporting.
  [`${GOOD}rua: [tls@example.net]\n`, 'example.com.yaml:3:7 error reporting-address'],
  [`${GOOD}rua: ["http://example.net/tls"]\n`, 'example.com.yaml:3:7 error reporting-address'],
  [`${GOOD}rua: ["mailto:tls@example.net?subject=x"]\n`, 'example.com.yaml:3:7 warning reporting-address'],
  [
    `${GOOD}rua: ["mailto:tls@example.org", "mailto:tls@Example.com"]\n`,
    'example.com.yaml:3:33 warning reporting-address-inside',
  ],
  [settings('reporting: {rua: ["mailto:tls@example.com"]}\n'), '_settings.yaml:2:19 warning reporting-address-inside'],
  ['mode: enforce\nmx: [mx.example.net]\n', 'example.com.yaml:1:7 warning enforce-without-reporting'],
  [
    {
      'a.example.yaml': 'same_as: b.example\n',
      'b.example.yaml': 'mode: enforce\nmx: [mx.example.net]\nrua: ["mailto:a@example.org"]\n',
    },
    'a.example.yaml:1:10 warning enforce-without-reporting',
  ],
  [
    `${GOOD}known_sender_issues: [{reporter: X, result_type: certificate_expired, reason: y, until: 2027-01-01}]\n`,
    'example.com.yaml:3:50 warning result-type-unknown',
  ],
  [
    `${GOOD}known_sender_issues:\n  - reporter: X\n    result_type: validation-failure\n    reason: y\n    until: 2026-11-20\n`,
    'example.com.yaml:7:12 warning known-issue-expired',
  ],
  [
    `${GOOD}overrides: [{code: mass-change, reason: y, until: 2026-11-20}]\n`,
    'example.com.yaml:3:51 warning override-expired',
  ],
  [
    `${GOOD}overrides: [{code: mx-removed, reason: y, until: 2027-01-01}, {code: promotion-gard, reason: y, until: 2027-01-01}]\n`,
    'example.com.yaml:3:20 warning override-idle',
    'example.com.yaml:3:70 warning override-idle',
  ],
  [
    settings('overrides: [{code: retire-first, reason: y, until: 2027-01-01}]\n'),
    '_settings.yaml:2:20 warning override-idle',
  ],

  // What is taken from the settings.
  [`${GOOD}hosting: pages\n`, 'example.com.yaml:3:10 error unknown-hosting'],
  [`${GOOD}dns: cloudflare\n`, 'example.com.yaml:3:6 error unknown-dns'],
  [
    settings('dns: {cf: {kind: cloudflare, zone: example.net}}\n', `${GOOD}dns: cf\n`),
    'example.com.yaml:3:6 error dns-zone',
  ],
  [
    settings(
      'dns: {cf: {kind: cloudflare, zone: example.com}}\ndelegation_zone: sts.example.net\n',
      `${GOOD}dns: cf\ndelegation: cname\n`,
    ),
    'example.com.yaml:3:6 error dns-zone',
  ],
  [`${GOOD}delegation: cname\n`, 'example.com.yaml:3:13 error delegation-zone-missing'],
  [
    {
      '_settings.yaml': 'organisation: X\nhosting: {here: {kind: pages-here}}\n',
      'a.example.yaml': `${GOOD}hosting: here\n`,
      'b.example.yaml': `${GOOD}hosting: here\n`,
    },
    'a.example.yaml:3:10 error pages-here-shared',
    'b.example.yaml:3:10 error pages-here-shared',
  ],
  [settings('site: {redact: false}\n'), '_settings.yaml:2:16 warning site-unredacted'],
  [
    settings('mailbox: {imap: {host: imap.example.com, user: u, tls: false}}\n'),
    '_settings.yaml:2:56 warning imap-without-tls',
  ],
  [settings('alerts: {business_hours: {from: "09:00", to: "08:00"}}\n'), '_settings.yaml:2:46 error business-hours'],
  [settings('alerts: {business_hours: {time_zone: Europe/Nowhere}}\n'), '_settings.yaml:2:38 error business-hours'],
  [
    { '_settings.yaml': 'organisation: X\nexample_clock: 2026-11-21T06:00:00Z\n', 'acme.co.yaml': GOOD },
    '_settings.yaml:2:16 warning example-clock',
  ],
];
