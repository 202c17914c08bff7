import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { parseInstant } from '#scripts/core/clock.ts';
import { draftNewDomain, newDomainYaml } from '#scripts/core/config/new-domain.ts';
import { patternsFor, providerOf } from '#scripts/core/dns/mail-providers.ts';
import { addText } from '#scripts/core/policy/add-text.ts';
import { type LiveFacts, type LiveMx, seen } from '#scripts/core/policy/live-facts.ts';
import { type HostName, parseHostName } from '#scripts/standards/domain-name.ts';
import { matchesMx } from '#scripts/standards/mx-pattern.ts';
import { add } from '#scripts/tasks/add.ts';
import { domainName, pattern } from '../core/analysis/world.ts';
import { configurationOf } from '../core/config/entries.ts';
import { settings } from '../core/policy/plan-world.ts';
import { liveWith, NOW } from '../core/policy/promotion-world.ts';
import { type FakeDns, startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';

const servers: FakeDns[] = [];
const folders: string[] = [];
after(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  await Promise.all(servers.map((server) => server.close()));
});

const hosts = (...names: string[]): readonly HostName[] =>
  names.map((name) => parseHostName(name) ?? assert.fail(name));
const named = {
  domain: domainName('example.com'),
  settings: settings(),
  named: [],
  delegation: 'records',
  tlsa: new Set<string>(),
} as const;

const BARE = liveWith(['mx1.example.com'], null, null);

function drafted(live: LiveFacts, changes: Partial<Parameters<typeof draftNewDomain>[0]> = {}) {
  const result = draftNewDomain({ ...named, live, ...changes });
  return result.ok ? result.value : assert.fail(result.code);
}

suite('the patterns of mail providers', () => {
  for (const [provider, mx, patterns] of [
    ['Microsoft 365', ['example-com.mail.protection.outlook.com'], ['example-com.mail.protection.outlook.com']],
    ['Microsoft 365', ['example-com.a-v1.mx.microsoft'], ['example-com.a-v1.mx.microsoft']],
    [
      'Google Workspace',
      [
        'aspmx.l.google.com',
        'alt1.aspmx.l.google.com',
        'alt2.aspmx.l.google.com',
        'alt3.aspmx.l.google.com',
        'alt4.aspmx.l.google.com',
      ],
      ['aspmx.l.google.com', '*.aspmx.l.google.com'],
    ],
    ['Google Workspace', ['smtp.google.com'], ['smtp.google.com']],
    [
      'Proofpoint',
      ['mx0a-00123456.pphosted.com', 'mx0b-00123456.pphosted.com'],
      ['mx0a-00123456.pphosted.com', 'mx0b-00123456.pphosted.com'],
    ],
    ['Mimecast', ['eu-smtp-inbound-1.mimecast.com'], ['eu-smtp-inbound-1.mimecast.com']],
    ['Fastmail', ['in1-smtp.messagingengine.com'], ['in1-smtp.messagingengine.com']],
    [null, ['mx1.example.com'], ['mx1.example.com']],
    [null, ['mx_1.example.com'], ['*.example.com']],
    [null, ['aspmx.l.google.com.evil.test'], ['aspmx.l.google.com.evil.test']],
  ] as const) {
    test(`${mx.join(' ')}: ${provider ?? 'nobody we know'}`, () => {
      assert.equal(providerOf(mx[0])?.name ?? null, provider);
      const found = patternsFor(hosts(...mx));
      assert.deepEqual(found, patterns);
      for (const host of mx)
        assert.ok(
          found.some((one) => matchesMx(pattern(one), host)),
          host,
        );
    });
  }
});

suite('the first file of a domain', () => {
  test('has no more than what differs from the defaults, and check accepts it', () => {
    const made = drafted(liveWith(['mx1.example.com', 'mx2.example.com'], null, null));
    const yaml = newDomainYaml(made, 0);
    assert.deepEqual(
      configurationOf({ 'example.com.yaml': yaml }).problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.equal(
      yaml,
      '# yaml-language-server: $schema=./schema.json\nmode: testing\nmx:\n  - mx1.example.com\n  - mx2.example.com\nrua:\n  - mailto:tls-reports@example.com\n',
    );
  });

  test('an enforced policy is taken over: mode, patterns and max_age; what it does not cover is added', () => {
    const body = 'version: STSv1\nmode: enforce\nmx: *.mail.example.com\nmax_age: 10368000\n';
    const made = drafted(liveWith(['a.mail.example.com', 'mx2.example.com'], body, 'x1'));
    assert.deepEqual(
      [made.mode, made.mx, made.max_age, made.adopted],
      ['enforce', ['*.mail.example.com', 'mx2.example.com'], 10_368_000, true],
    );
    assert.ok(made.warnings.some((text) => /does not cover mx2\.example\.com/.test(text)));
    assert.match(
      newDomainYaml(made, 1),
      /\$schema=\.\.\/schema\.json\nmode: enforce\nmx:\n {2}- "\*\.mail\.example\.com"\n/,
    );
  });

  test('half a policy is not taken over', () => {
    const made = drafted(
      liveWith(['mx1.example.com'], 'version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n', null),
    );
    assert.deepEqual([made.mode, made.adopted], ['testing', false]);
  });

  test('with one hosting and one dns there is no choice to make; CAA against it is told', () => {
    const made = settings(
      'organisation: E\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\ndns: { ours: { kind: desec } }\n',
    );
    const live = {
      ...liveWith(['mx1.example.com'], null, null),
      caa: seen([{ critical: false, tag: 'issue', value: 'pki.goog' }]),
      secure: seen(false),
    };
    const { hosting, dns, warnings } = drafted(live, { settings: made });
    assert.deepEqual([hosting, dns], ['fleet', 'ours']);
    assert.ok(
      warnings.some((text) => /CAA records forbid letsencrypt\.org/.test(text)) &&
        warnings.some((text) => /not signed/.test(text)),
    );
  });

  test('reports go on to whoever gets them today', () => {
    const made = settings('organisation: E\nreporting: { rua: [mailto:ours@reports.example] }\n');
    assert.deepEqual(drafted(liveWith(['mx1.example.com'], null, null), { settings: made }).rua, [
      'mailto:ours@reports.example',
      'mailto:tls-reports@example.com',
    ]);
  });

  test('records that no sender can use are told; a stray TXT record is not one of them', () => {
    const told = (values: readonly string[], where: 'mta_sts' | 'tls_rpt' = 'mta_sts') =>
      drafted({ ...BARE, [where]: seen({ values, aliases: [], ttl: 300 }) }).warnings.filter((text) =>
        /of no use to senders/.test(text),
      );
    assert.match(told(['v=STSv1; id=1', 'v=STSv1; id=2']).join(), /^_mta-sts is of no use .*§3\.1/);
    assert.match(told(['v=STSv1; x=1']).join(), /`id=`/);
    assert.match(told(['v=TLSRPTv1; x=1'], 'tls_rpt').join(), /^_smtp\._tls is of no use .*`rua=`/);
    assert.deepEqual([...told(['v=spf1 -all']), ...told(['v=STSv1; id=1']), ...told([])], []);
  });

  test('CNAMEs into our zone make it a delegated domain; an alias to somebody else is told', () => {
    const at = (target: string) => seen({ values: [], aliases: [target], ttl: 300 });
    const make = (live: Partial<LiveFacts>, changes: Parameters<typeof drafted>[1] = {}) =>
      drafted(
        { ...BARE, ...live },
        {
          delegation: null,
          settings: { ...settings(), delegation_zone: domainName('keep.test') },
          ...changes,
        },
      );
    const ours = make({ mta_sts: at('_mta-sts.example.com.keep.test'), policy_host: at('pages.example') });
    assert.equal(ours.delegation, 'cname');
    assert.match(newDomainYaml(ours, 0), /^delegation: cname$/m);
    assert.equal(
      make({ mta_sts: at('_mta-sts.example.com.keep.test') }, { delegation: 'records' }).delegation,
      'records',
    );
    const theirs = make({ mta_sts: at('example.com._mta-sts.other.example') });
    assert.equal(theirs.delegation, 'records');
    assert.ok(
      theirs.warnings.some((text) => /^_mta-sts is an alias of example\.com\._mta-sts\.other\.example/.test(text)),
    );
    assert.ok(!make({ policy_host: at('pages.example') }).warnings.some((text) => /alias/.test(text)));
    assert.equal(
      make({ mta_sts: at('_mta-sts.example.com.keep.test') }, { settings: settings() }).delegation,
      'records',
    );
  });

  test('null MX and no MX at all make no file', () => {
    const none = (kind: 'null' | 'absent') => ({ ...liveWith([], null, null), mx: seen<LiveMx>({ kind, hosts: [] }) });
    assert.deepEqual(draftNewDomain({ ...named, live: none('null') }).ok, false);
    assert.deepEqual(draftNewDomain({ ...named, live: none('absent') }).ok, false);
    assert.deepEqual(drafted(none('absent'), { named: hosts('mx1.example.com') }).mx, ['mx1.example.com']);
  });
});

async function root(entries: readonly ZoneEntry[]): Promise<string> {
  const server = await startFakeDns(respondFrom(entries, { ad: true }));
  servers.push(server);
  const folder = mkdtempSync(join(tmpdir(), 'postern-add-'));
  folders.push(folder);
  mkdirSync(join(folder, 'domains'));
  const network = `network: { resolver: "${server.url}", allow_private: true }\n`;
  writeFileSync(
    join(folder, 'domains', '_settings.yaml'),
    `organisation: E\nreporting: { rua: [mailto:t@reports.example] }\n${network}`,
  );
  return folder;
}

const OPTIONS = { now: NOW, customer: null, mx: [], delegation: 'records', dryRun: false } as const;

suite('add', () => {
  test('asks DNS, writes the file once, and tells what comes next', async () => {
    const folder = await root([
      { name: 'example.com', type: 'MX', data: { preference: 1, exchange: 'ASPMX.L.GOOGLE.COM' } },
      { name: 'example.com', type: 'MX', data: { preference: 5, exchange: 'alt1.aspmx.l.google.com' } },
      { name: '_smtp._tls.example.com', type: 'TXT', data: ['v=TLSRPTv1; rua=mailto:old@example.net'] },
    ]);
    const dry = await add({ ...OPTIONS, root: folder, domain: 'Example.COM', dryRun: true });
    assert.equal(dry.written, false);
    const added = await add({ ...OPTIONS, root: folder, domain: 'example.com' });
    assert.deepEqual(
      [added.file, added.mx, added.providers, added.live.secure],
      [
        'domains/example.com.yaml',
        ['aspmx.l.google.com', '*.aspmx.l.google.com'],
        ['Google Workspace'],
        { known: true, value: true },
      ],
    );
    assert.equal(readFileSync(join(folder, added.file), 'utf8'), added.yaml);
    const told = addText(added);
    for (const line of [
      'MX          aspmx.l.google.com (1) | alt1.aspmx.l.google.com (5)',
      '_mta-sts    none',
      '_smtp._tls  v=TLSRPTv1; rua=mailto:old@example.net',
      'DNSSEC      signed',
      'CAA         none: every authority may issue',
    ])
      assert.ok(told.includes(`\n  ${line}\n`), told);
    assert.match(told, /\nNext:\n {2}1\. Read domains\/example\.com\.yaml.*\n {2}2\. Name a `hosting`/);
    await assert.rejects(add({ ...OPTIONS, root: folder, domain: 'example.com' }), { code: 'domain-exists', exit: 2 });
    const again = await add({
      ...OPTIONS,
      root: folder,
      domain: 'example.org',
      customer: 'acme',
      mx: ['mx1.example.org'],
    });
    assert.equal(again.file, 'domains/acme/example.org.yaml');
  });

  test('TLSA at every MX is remembered', async () => {
    const data = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32) };
    const folder = await root([
      { name: 'example.com', type: 'MX', data: { preference: 1, exchange: 'mx1.example.com' } },
      { name: '_25._tcp.mx1.example.com', type: 'TLSA', data },
    ]);
    assert.equal((await add({ ...OPTIONS, root: folder, domain: 'example.com' })).dane, true);
  });

  test('a domain that is none, one without MX, a customer that is a path', async () => {
    const folder = await root([]);
    await assert.rejects(add({ ...OPTIONS, root: folder, domain: '../etc/passwd' }), { code: 'domain-invalid' });
    await assert.rejects(add({ ...OPTIONS, root: folder, domain: 'nowhere.example' }), { code: 'mx-unknown', exit: 2 });
    await assert.rejects(
      add({ ...OPTIONS, root: folder, domain: 'a.example', mx: ['m.a.example'], customer: '../x' }),
      { code: 'customer' },
    );
    assert.ok(parseInstant(NOW));
  });
});
