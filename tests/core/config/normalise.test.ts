import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { brief, configurationOf } from './entries.ts';

suite('defaults', () => {
  test('the smallest pair of files', () => {
    const { settings, domains, problems } = configurationOf({
      '_settings.yaml': 'organisation: Example Ltd\n',
      'example.com.yaml': 'mode: testing\nmx: [mx1.example.com]\n',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, {
      organisation: 'Example Ltd',
      reporting: { rua: [], authserv_ids: [], receiver: null },
      site: { title: 'Example Ltd', url: null, visibility: 'public', redact: true },
      mailbox: null,
      hosting: {},
      dns: {},
      delegation_zone: null,
      alerts: {
        owners: [],
        oncall: [],
        business_hours: {
          time_zone: 'UTC',
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          from: '09:00',
          to: '17:00',
          holidays: [],
        },
        labels: [],
        max_new_per_run: 10,
        certificate_thresholds: 'relative',
      },
      digest: { from: null, to: [], smtp: null },
      network: {
        resolver: null,
        dns_port: 53,
        smtp_port: 25,
        https_port: 443,
        socks: null,
        socks_all: false,
        ca_file: null,
        allow_private: false,
        control: null,
        validation_test: null,
        dkim_keys: null,
        second_look: 20,
        target_deadline: 60,
        vantage: null,
      },
      thresholds: {
        failure_share: 0.05,
        min_failures: 3,
        min_sessions: 20,
        baseline_days: 30,
        silent_reporter_days: 3,
        silent_days: 2,
      },
      retention: { detail_days: 400, aggregate_days: 1096, quarantine_days: 90, quarantine_megabytes: 500 },
      overrides: [],
      example_clock: null,
    });
    assert.deepEqual(domains, [
      {
        domain: 'example.com',
        file: 'domains/example.com.yaml',
        customer: null,
        mode: 'testing',
        mx: ['mx1.example.com'],
        max_age: 86_400,
        retire: false,
        same_as: null,
        hosting: null,
        dns: null,
        delegation: 'records',
        rua: [],
        dane: { managed: false, required: false, next_keys: [] },
        owners: [],
        oncall: [],
        digest: [],
        volume: 'normal',
        rollout: { hold: false, clean_days: 14, reason: null },
        known_sender_issues: [],
        overrides: [],
      },
    ]);
  });

  for (const [mode, maxAge] of [
    ['none', 86_400],
    ['testing', 86_400],
    ['enforce', 604_800],
  ] as const) {
    test(`max_age of ${mode} is ${maxAge}`, () => {
      const { domains } = configurationOf({ 'example.com.yaml': `mode: ${mode}\nmx: [mx.example.com]\n` });
      assert.equal(domains[0]?.max_age, maxAge);
    });
  }
});

suite('everything written', () => {
  const { settings, domains, problems } = configurationOf({
    '_settings.yaml': `
organisation: Example Ltd
reporting: {rua: ["MAILTO:tls@example.org", "mailto:tls@example.org", "https://example.org/tls"], authserv_ids: [MX.example.org], receiver: "https://tls-rpt.example.org/in"}
site: {title: Mail, url: https://reports.example.org/base, visibility: artifact, redact: false}
mailbox: {imap: {host: imap.example.org, port: 143, user: tls, tls: true, auth: oauth2, inbox: In, processed: Done, rejected: Odd, filing: flag, oauth2: {provider: microsoft, client_id: c, tenant: example.org}}}
hosting:
  fleet: {kind: pages-fleet, owner: acme, repository_name: "sts-{host}"}
  here: {kind: pages-here}
  own: {kind: bundle, server: caddy}
  edge: {kind: worker}
dns:
  hand: {kind: manual}
  bind: {kind: rfc2136, server: ns1.example.org, port: 5353, zone: example.com, key_name: postern, algorithm: hmac-sha256}
  cf: {kind: cloudflare, zone: example.com}
  aws: {kind: route53, zone: example.com}
  desec: {kind: desec, zone: example.com}
  hetzner: {kind: hetzner, zone: example.com}
delegation_zone: sts.example.org
alerts:
  owners: ["@acme/mail"]
  oncall: [octocat]
  business_hours: {time_zone: Europe/Berlin, days: [mon, fri], from: "08:00", to: "18:00", holidays: [2026-12-25]}
  labels: [mail]
  max_new_per_run: 5
  certificate_thresholds: fixed
digest: {from: postern@example.org, to: [team@example.org], smtp: {host: smtp.example.org, port: 465, user: postern}}
network:
  resolver: udp://127.0.0.1:53
  dns_port: 5353
  smtp_port: 2525
  https_port: 8443
  socks: socks5://me@proxy.example.org:1080
  socks_all: true
  ca_file: lab/ca.pem
  allow_private: true
  control: [mx.example.org]
  validation_test: {secure: secure.example.org, bogus: bogus.example.org}
  dkim_keys: domains/_dkim-keys.txt
  second_look: 0
  target_deadline: 5
  vantage: office
thresholds: {failure_share: 0.1, min_failures: 5, min_sessions: 50, baseline_days: 60, silent_reporter_days: 4, silent_days: 3}
retention: {detail_days: 500, aggregate_days: 2000, quarantine_days: 30, quarantine_megabytes: 100}
example_clock: 2026-11-21T07:00:00+01:00
`,
    'acme/example.com.yaml': `
mode: enforce
mx: [MX1.example.com, mx1.example.com, "*.mail.example.com"]
max_age: 1209600
hosting: fleet
dns: bind
delegation: records
rua: ["mailto:own@example.net"]
dane: {managed: true, required: true}
owners: [octocat, "@octocat", "@acme/mail"]
oncall: [acme/night]
digest: [a@example.org, a@example.org]
volume: low
rollout: {hold: true, clean_days: 7, reason: slow season}
known_sender_issues:
  - {reporter: Relay Co, result_type: starttls-not-supported, reason: their middlebox, until: 2026-12-01}
overrides:
  - {code: promotion-guard, reason: agreed, until: 2026-12-01}
retire: true
`,
    'acme/example.net.yaml': 'same_as: EXAMPLE.com\nmax_age: 700000\n',
  });
  const [com, net] = domains;

  test('nothing but the harmless is remarked', () => {
    assert.deepEqual(problems.map(brief), ['acme/example.com.yaml:3:23 warning pattern-duplicate']);
  });

  test('the settings, URIs with their scheme in lower case and each once', () => {
    assert.deepEqual(settings?.reporting.rua, ['mailto:tls@example.org', 'https://example.org/tls']);
    assert.deepEqual(settings?.site, {
      title: 'Mail',
      url: 'https://reports.example.org/base',
      visibility: 'artifact',
      redact: false,
    });
    assert.deepEqual(settings?.mailbox, {
      imap: {
        host: 'imap.example.org',
        user: 'tls',
        port: 143,
        tls: true,
        auth: 'oauth2',
        inbox: 'In',
        processed: 'Done',
        rejected: 'Odd',
        filing: 'flag',
        oauth2: {
          provider: 'microsoft',
          client_id: 'c',
          token_url: 'https://login.microsoftonline.com/example.org/oauth2/v2.0/token',
          scope: null,
        },
      },
    });
    assert.deepEqual(settings?.network, {
      resolver: 'udp://127.0.0.1:53',
      dns_port: 5353,
      smtp_port: 2525,
      https_port: 8443,
      socks: 'socks5://me@proxy.example.org:1080',
      socks_all: true,
      ca_file: 'lab/ca.pem',
      allow_private: true,
      control: ['mx.example.org'],
      validation_test: { secure: 'secure.example.org', bogus: 'bogus.example.org' },
      dkim_keys: 'domains/_dkim-keys.txt',
      second_look: 0,
      target_deadline: 5,
      vantage: 'office',
    });
    assert.deepEqual(settings?.digest, {
      from: 'postern@example.org',
      to: ['team@example.org'],
      smtp: { host: 'smtp.example.org', port: 465, user: 'postern' },
    });
    assert.deepEqual(settings?.thresholds.failure_share, 0.1);
    assert.deepEqual(settings?.retention.detail_days, 500);
    assert.equal(settings?.example_clock, '2026-11-21T06:00:00Z');
    assert.deepEqual(settings?.dns['bind'], {
      kind: 'rfc2136',
      server: 'ns1.example.org',
      port: 5353,
      zone: 'example.com',
      key_name: 'postern',
      algorithm: 'hmac-sha256',
    });
  });

  test('the domain: patterns in lower case and once, handles with @', () => {
    assert.equal(com?.customer, 'acme');
    assert.deepEqual(com?.mx, ['mx1.example.com', '*.mail.example.com']);
    assert.deepEqual(com?.rua, ['mailto:own@example.net']);
    assert.deepEqual(com?.owners, ['@octocat', '@acme/mail']);
    assert.deepEqual(com?.oncall, ['@acme/night']);
    assert.deepEqual(com?.digest, ['a@example.org']);
    assert.deepEqual(com?.rollout, { hold: true, clean_days: 7, reason: 'slow season' });
    assert.equal(com?.known_sender_issues[0]?.until, '2026-12-01');
    assert.equal(com?.overrides[0]?.code, 'promotion-guard');
    assert.equal(com?.retire, true);
  });

  test('a sharer has mx and mode of the other, and all else of its own', () => {
    assert.deepEqual(net?.mx, com?.mx);
    assert.equal(net?.mode, 'enforce');
    assert.equal(net?.same_as, 'example.com');
    assert.equal(net?.max_age, 700_000);
    assert.equal(net?.retire, false);
    assert.deepEqual(net?.rua, settings?.reporting.rua);
  });

  test('domains come in the order of their names', () => {
    assert.deepEqual(
      domains.map(({ domain }) => domain),
      ['example.com', 'example.net'],
    );
  });
});

test('a sharer follows a chain past a domain with an error of its own', () => {
  const { domains, problems } = configurationOf({
    'a.example.yaml': 'same_as: b.example\n',
    'b.example.yaml': 'same_as: c.example\nhosting: nowhere\n',
    'c.example.yaml': 'mode: testing\nmx: [mx.c.example]\n',
  });
  assert.deepEqual(problems.map(brief), ['b.example.yaml:2:10 error unknown-hosting']);
  assert.deepEqual(
    domains.map(({ domain, mode, mx }) => [domain, mode, mx]),
    [
      ['a.example', 'testing', ['mx.c.example']],
      ['c.example', 'testing', ['mx.c.example']],
    ],
  );
});

test('settings with an error are not used, and the domains stand without them', () => {
  const { settings, domains, problems } = configurationOf({
    '_settings.yaml':
      'organisation: X\nsite: {colour: red}\nreporting: {rua: ["mailto:a@example.org"]}\nhosting: {h: {kind: worker}}\n',
    'example.com.yaml': 'mode: none\nhosting: h\n',
  });
  assert.equal(settings, null);
  assert.deepEqual(
    domains.map(({ domain, rua }) => [domain, rua]),
    [['example.com', []]],
  );
  assert.deepEqual(problems.map(brief), ['_settings.yaml:2:8 error unknown-key']);
});
