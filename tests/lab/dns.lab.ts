import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { Lookup } from '#scripts/core/probe/dns-lookup.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { type OpenResolver, openResolver } from '#scripts/io/dns/resolver.ts';
import { createDial } from '#scripts/io/net/dial.ts';
import { fetchPolicy } from '#scripts/io/net/policy-fetch.ts';
import { createTrust } from '#scripts/io/net/trust.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';
import { observeDane } from '#scripts/tasks/probe/observe-dane.ts';
import { observeDns } from '#scripts/tasks/probe/observe-dns.ts';
import { observePolicyHost } from '#scripts/tasks/probe/observe-policy-host.ts';
import { observeValidation } from '#scripts/tasks/probe/observe-validation.ts';
import { createPki } from '../fakes/pki.ts';
import { type Caddy, startCaddy } from './servers/caddy.ts';
import { type Named, startNamed } from './servers/named.ts';
import { type Pebble, startPebble } from './servers/pebble.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/** The resolver, the DNS probes and the policy host against BIND, unbound, Caddy and an ACME authority. */

const pki = createPki(Date.now());
const mail = pki.certificate({ name: 'mx1.lab.test', dns: ['mx1.lab.test'] });
const spki = createHash('sha256')
  .update(mail.publicKey.export({ type: 'spki', format: 'der' }))
  .digest('hex');
const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.lab.test\r\nmx: mx2.lab.test\r\nmax_age: 604800\r\n';
const ID = '20260101000000';
const NOW = instantOf(Date.now());
const observer = { at: NOW, vantage: 'lab', domain: 'lab.test' };
const sha256 = createHash('sha256').update(POLICY).digest('hex');
const ledger = foldLedger([
  {
    at: NOW,
    event: 'minted',
    id: ID,
    sha256,
    body: POLICY,
    mode: 'enforce',
    max_age: 604800,
    mx: [],
    triggers: [],
    commit: null,
  },
  { at: NOW, event: 'announced', id: ID, sha256 },
]);

let named: Named;
let unbound: Unbound;
let pebble: Pebble;
let caddy: Caddy;
const resolvers: OpenResolver[] = [];
const open = async (resolver: string) => {
  const opened = await openResolver({ resolver }, { ca: unbound.ca, patience: { udp: [2000], tcp: 3000 } });
  resolvers.push(opened);
  return opened;
};

before(async () => {
  named = await startNamed([
    {
      name: 'lab.test',
      kind: 'secure',
      updatable: ['name _mta-sts.lab.test. TXT'],
      records: [
        '@ MX 10 mx1',
        '@ MX 20 mx2',
        'mx1 A 127.0.0.1',
        'mx2 A 127.0.0.2',
        'mx3 CNAME host.insecure.test.',
        'mx4 CNAME mx1',
        '@ CAA 0 issue "pebble.test"',
        `_mta-sts TXT "v=STSv1; id=${ID};"`,
        '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tlsrpt@lab.test"',
        'mta-sts A 127.0.0.1',
        `_25._tcp.mx1 TLSA 3 1 1 ${spki}`,
        `_25._tcp.mx3 TLSA 3 1 1 ${spki}`,
        ...Array.from({ length: 60 }, (_, i) => `big TXT "record ${i} ${'x'.repeat(60)}"`),
      ],
    },
    {
      name: 'insecure.test',
      kind: 'insecure',
      records: [
        'host A 127.0.0.1',
        '@ MX 10 host',
        `_25._tcp.host TLSA 3 1 1 ${spki}`,
        '_mta-sts CNAME _mta-sts.lab.test.',
      ],
    },
    {
      name: 'bogus.test',
      kind: 'bogus',
      records: ['@ MX 10 host', 'host A 127.0.0.1', '_mta-sts TXT "v=STSv1; id=1;"'],
    },
    { name: 'expired.test', kind: 'expired', records: ['@ MX 10 host', 'host A 127.0.0.1'] },
    { name: 'lame.test', kind: 'lame', records: [] },
  ]);
  unbound = await startUnbound(named);
  pebble = await startPebble(unbound.port);
  caddy = await startCaddy(pebble, ['mta-sts.lab.test']);
  caddy.serve('mta-sts.lab.test', POLICY);
});

after(async () => {
  await Promise.all(resolvers.map((one) => one.close()));
  for (const server of [caddy, pebble, unbound, named]) await server?.stop();
});

describe('the resolver', () => {
  for (const path of ['udp', 'https'] as const) {
    test(`over ${path}: secure, insecure, bogus, expired and lame are told apart`, async () => {
      const resolver = await open(unbound[path]);
      const seen = async (name: string, type: 'MX' | 'A' | 'TXT') => {
        const { status, secure } = await resolver.lookup(name, type);
        return `${status}${secure ? ' secure' : ''}`;
      };
      assert.equal(await seen('lab.test', 'MX'), 'answer secure');
      assert.equal(await seen('none.lab.test', 'A'), 'nxdomain secure');
      assert.equal(await seen('mx1.lab.test', 'TXT'), 'nodata secure');
      assert.equal(await seen('insecure.test', 'MX'), 'answer');
      assert.equal(await seen('mx3.lab.test', 'A'), 'answer');
      assert.equal(await seen('bogus.test', 'MX'), 'bogus');
      assert.equal(await seen('expired.test', 'MX'), 'bogus');
      assert.equal(await seen('host.lame.test', 'A'), 'servfail');
    });
  }

  test('what does not fit a datagram comes over TCP; signatures come along', async () => {
    const resolver = await open(unbound.udp);
    assert.equal((await resolver.lookup('big.lab.test', 'TXT')).records.length, 60);
    const mx = await resolver.lookup('lab.test', 'MX');
    assert.ok(mx.signed !== null && mx.signed.until > NOW && mx.signed.from < NOW);
    const expired = await resolver.lookup('expired.test', 'MX');
    assert.equal(expired.signed?.until.slice(0, 7), '2025-02');
  });

  test('a resolver that validates is told from one that does not', async () => {
    const names = { secure: 'lab.test', bogus: 'bogus.test' };
    assert.equal(await observeValidation(await open(unbound.udp), names), null);
    assert.equal(await observeValidation(await open(unbound.https), names), null);
    const plain = await startUnbound(named, { validate: false });
    const sighting = await observeValidation(await open(plain.udp), names);
    await plain.stop();
    assert.equal(sighting?.code, 'not-validating');
  });
});

describe('the probes', () => {
  const probe = async (domain: string) => {
    const resolver = await open(unbound.udp);
    const patterns = { policy: ['*.lab.test' as MxPattern], config: ['*.lab.test' as MxPattern] };
    const askServer = createAskAuthority({ port: named.port, allow_private: true });
    return {
      resolver,
      view: await observeDns({ ...observer, domain }, { domain, resolver, askServer, ledger, patterns }),
    };
  };
  const brief = (rows: readonly Observation[]) =>
    rows.map(({ kind, address, outcome, code }) => `${kind} ${address ?? '-'} ${outcome} ${code}`);

  test('a sound domain, through the resolver and at the server of its zone', async () => {
    const { view } = await probe('lab.test');
    assert.deepEqual(brief(view.observations), [
      'mx-set - ok ok',
      'mx-set 127.0.0.1 ok ok',
      'txt - ok ok',
      'txt 127.0.0.1 ok ok',
      'tlsrpt - ok ok',
      'tlsrpt 127.0.0.1 ok ok',
      'cname - ok ok',
      'cname - ok ok',
    ]);
    assert.equal(view.announced_id, ID);
  });

  test('bogus is bad, lame is unknown', async () => {
    assert.deepEqual(brief((await probe('bogus.test')).view.observations).slice(0, 1), ['mx-set - bad dnssec-bogus']);
    assert.deepEqual(brief((await probe('lame.test')).view.observations).slice(0, 1), [
      'mx-set - unknown dns-servfail',
    ]);
  });

  test('a delegated record is followed over zones', async () => {
    const { view } = await probe('insecure.test');
    const row = view.observations.find(({ kind }) => kind === 'txt');
    assert.deepEqual([row?.code, row?.facts['alias_of'], row?.facts['secure']], ['ok', '_mta-sts.lab.test', false]);
  });

  test('DANE: a match, an alias into a zone that is not signed, a host without records, and a host that is not signed', async () => {
    const { resolver, view } = await probe('lab.test');
    const certificate = {
      der: new Uint8Array(mail.der),
      spki: new Uint8Array(mail.publicKey.export({ type: 'spki', format: 'der' })),
      not_before: NOW,
      not_after: NOW,
      dns_names: [],
      common_name: null,
      is_ca: false,
      signed_by: [0],
    };
    const rows = await observeDane(observer, {
      domain: 'lab.test',
      mx: view.mx_lookup as Lookup<'MX'>,
      hosts: ['mx1.lab.test', 'mx2.lab.test', 'mx3.lab.test', 'mx4.lab.test', 'host.insecure.test', 'host.bogus.test'],
      resolver,
      validating: 'ok',
      presented: () => [{ address: '127.0.0.1', chain: [certificate], without: null, detail: '' }],
      required: false,
    });
    assert.deepEqual(
      rows.map(({ subject, address, code }) => `${subject} ${address ?? '-'} ${code}`),
      [
        'mx1.lab.test - ok',
        'mx1.lab.test 127.0.0.1 ok',
        'mx2.lab.test - tlsa-missing-host',
        'mx3.lab.test - ok',
        'mx3.lab.test 127.0.0.1 ok',
        'mx4.lab.test - ok',
        'mx4.lab.test 127.0.0.1 ok',
        'host.insecure.test - tlsa-missing-host',
        'host.bogus.test - dnssec-bogus',
      ],
    );
  });

  test('the policy host with a certificate from the authority', async () => {
    const resolver = await open(unbound.udp);
    const trust = createTrust(await pebble.root());
    const options = { dial: createDial({ allow_private: true }), trust, port: caddy.port, timeoutMs: 5000 };
    const look = async () => {
      // The authority dates its certificates from the second it started in.
      const at = instantOf(Date.now() + 5000);
      const rows = await observePolicyHost(
        { ...observer, at },
        {
          resolver,
          host: 'mta-sts.lab.test',
          fetchPolicy: (host, address) => fetchPolicy(host, address, options),
          ledger,
          announced_id: ID,
          thresholds: 'relative',
          hosting: 'bundle',
        },
      );
      return brief(rows);
    };
    const names = ['cname - ok ok', 'caa - unknown ca-unknown'];
    assert.deepEqual(await look(), ['policy 127.0.0.1 ok ok', ...names]);
    caddy.serve('mta-sts.lab.test', POLICY.replaceAll('\r\n', '\n'));
    assert.deepEqual(await look(), ['policy 127.0.0.1 bad out-of-sync', ...names]);
    caddy.serve('mta-sts.lab.test', `${POLICY}\r\n`);
    assert.deepEqual(await look(), ['policy 127.0.0.1 bad policy-syntax', ...names]);
  });
});

test('the command sees the same from end to end', async () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-lab-'));
  mkdirSync(join(root, 'domains'));
  caddy.serve('mta-sts.lab.test', POLICY);
  writeFileSync(join(root, 'ca.pem'), await pebble.root());
  const network = {
    resolver: unbound.udp,
    dns_port: named.port,
    https_port: caddy.port,
    smtp_port: 1,
    allow_private: true,
    ca_file: 'ca.pem',
    validation_test: { secure: 'mx1.lab.test', bogus: 'host.bogus.test' },
    control: ['lab.test'],
    second_look: 1,
    vantage: 'lab',
  };
  writeFileSync(join(root, 'domains/_settings.yaml'), JSON.stringify({ organisation: 'Lab', network }));
  const file = (name: string, mx: string) =>
    writeFileSync(join(root, `domains/${name}.yaml`), `mode: testing\nmx: [${mx}]\n`);
  file('lab.test', 'mx1.lab.test, mx2.lab.test');
  file('bogus.test', 'host.bogus.test');
  const command = spawnSync(process.execPath, ['scripts/postern.ts', 'probe', '--json', '--root', root], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  rmSync(root, { recursive: true, force: true });
  const { observations, vantage } = JSON.parse(command.stdout) as {
    observations: Observation[];
    vantage: Record<string, string>;
  };
  assert.equal(vantage['validating'], 'ok', command.stderr);
  const seen = (domain: string, kind: string) =>
    observations
      .filter((row) => row.domain === domain && row.kind === kind)
      .map(({ address, outcome, code }) => `${address ?? '-'} ${outcome} ${code}`);
  assert.deepEqual(seen('lab.test', 'mx-set'), ['- ok ok', '127.0.0.1 ok ok']);
  assert.deepEqual(seen('lab.test', 'txt'), ['- ok ok', '127.0.0.1 ok ok']);
  assert.deepEqual(seen('lab.test', 'policy'), ['127.0.0.1 ok ok']);
  assert.deepEqual(seen('bogus.test', 'mx-set'), ['- bad dnssec-bogus', '127.0.0.1 ok ok']);
  // No mail server stands there, so that the records are seen and the match is not.
  assert.deepEqual(
    observations.filter(({ kind }) => kind === 'dane').map(({ subject, address, code }) => [subject, address, code]),
    [
      ['mx1.lab.test', null, 'ok'],
      ['mx1.lab.test', '127.0.0.1', 'no-chain'],
      ['mx2.lab.test', null, 'tlsa-missing-host'],
    ],
  );
});
