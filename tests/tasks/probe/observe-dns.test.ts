import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { foldLedger, type Ledger, NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { rememberLookups } from '#scripts/io/dns/remember.ts';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';
import { type DnsView, observeDns } from '#scripts/tasks/probe/observe-dns.ts';
import { type Respond, startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';

const NOW = instantOf(Date.parse('2026-03-01T00:00:00Z'));
const PATIENCE = { udp: [200], tcp: 200 };
const A = '20260101000000';
const B = '20260201000000';

const event = (id: string, kind: 'minted' | 'announced' | 'withdrawn', body: string): LedgerEvent => {
  const shared = { at: NOW, id, sha256: body.padEnd(64, '0') };
  return kind === 'minted'
    ? { ...shared, event: kind, body, mode: 'enforce', max_age: 1, mx: [], triggers: [], commit: null }
    : { ...shared, event: kind };
};
const ledger = foldLedger([
  event(A, 'minted', 'a'),
  event(A, 'announced', 'a'),
  event(B, 'minted', 'b'),
  event(B, 'announced', 'b'),
]);

const mx = (exchange: string, preference = 10): ZoneEntry => ({
  name: 'example.com',
  type: 'MX',
  data: { preference, exchange },
});
const txt = (...records: string[]): ZoneEntry[] =>
  records.map((data) => ({ name: '_mta-sts.example.com', type: 'TXT', data: [data] }));
const rpt = (...records: string[]): ZoneEntry[] =>
  records.map((data) => ({ name: '_smtp._tls.example.com', type: 'TXT', data: [data] }));
const SOUND = [mx('mx1.example.com'), ...txt(`v=STSv1; id=${B};`), ...rpt('v=TLSRPTv1; rua=mailto:t@example.com')];

interface World {
  readonly zone: readonly ZoneEntry[];
  readonly ledger?: Ledger;
  readonly policy?: readonly string[];
  readonly config?: readonly string[];
  /** Each a server of the zone, on 127.0.0.1, 127.0.0.2 and so on. */
  readonly servers?: readonly Respond[];
  readonly allow_private?: boolean;
}

async function look(world: World): Promise<DnsView> {
  const first = await startFakeDns(world.servers?.[0] ?? (() => null), { tcp: false });
  const others = await Promise.all(
    (world.servers ?? [])
      .slice(1)
      .map((respond, i) => startFakeDns(respond, { tcp: false, address: `127.0.0.${i + 2}`, port: first.port })),
  );
  const named = (world.servers ?? []).flatMap((_, i) => [
    { name: 'example.com', type: 'NS', data: `ns${i + 1}.example.com` },
    { name: `ns${i + 1}.example.com`, type: 'A', data: `127.0.0.${i + 1}` },
  ]);
  const dns = await startFakeDns(respondFrom([...world.zone, ...named], { ad: true }));
  const resolver = await openResolver({ resolver: dns.url }, { ca: null, patience: PATIENCE });
  const askServer = createAskAuthority({
    port: first.port,
    allow_private: world.allow_private ?? true,
    patience: PATIENCE,
  });
  const view = await observeDns(
    { at: NOW, vantage: 'test', domain: 'example.com' },
    {
      domain: 'example.com',
      resolver: rememberLookups(resolver),
      askServer: world.servers === undefined ? null : askServer,
      ledger: world.ledger ?? ledger,
      patterns: {
        policy: (world.policy ?? ['mx1.example.com']) as MxPattern[],
        config: (world.config ?? ['mx1.example.com']) as MxPattern[],
      },
    },
  );
  await Promise.all([first, dns, resolver, ...others].map((one) => one.close()));
  return view;
}

const brief = (view: DnsView, kind: string) =>
  view.observations
    .filter((row) => row.kind === kind)
    .map(({ outcome, code, address }) => [outcome, code, ...(address === null ? [] : [address])].join(' '));
const facts = (view: DnsView, kind: string): Observation['facts'] =>
  view.observations.find((row) => row.kind === kind)?.facts ?? {};

test('a sound domain has one sound row for each record set and each name that may be an alias', async () => {
  const view = await look({ zone: SOUND });
  assert.deepEqual(
    view.observations.map(({ kind, subject, address, outcome, code }) => [kind, subject, address, outcome, code]),
    [
      ['mx-set', 'example.com', null, 'ok', 'ok'],
      ['txt', '_mta-sts.example.com', null, 'ok', 'ok'],
      ['tlsrpt', '_smtp._tls.example.com', null, 'ok', 'ok'],
      ['cname', '_mta-sts.example.com', null, 'ok', 'ok'],
      ['cname', '_smtp._tls.example.com', null, 'ok', 'ok'],
    ],
  );
  assert.equal(view.announced_id, B);
  assert.deepEqual(view.mx, { kind: 'records', targets: [{ preference: 10, host: 'mx1.example.com' }] });
  assert.equal(facts(view, 'txt')['ttl'], null, 'a resolver without signatures shows only what is left of it');
  assert.deepEqual(facts(view, 'txt')['secure'], true);
});

describe('the MX set (RFC 8461 §4.1, RFC 5321 §5.1, RFC 7505)', () => {
  const others = SOUND.slice(1);
  const CASES: readonly (readonly [what: string, world: Partial<World>, codes: readonly string[], kind: string])[] = [
    ['a host that no pattern fits', { zone: [...SOUND, mx('mx2.example.net', 20)] }, ['bad mx-not-covered'], 'records'],
    [
      'covered in DNS and policy, not in the configuration',
      { zone: SOUND, config: ['mx9.example.com'] },
      ['bad mx-changed'],
      'records',
    ],
    [
      'a pattern without a host',
      { zone: SOUND, policy: ['mx1.example.com', 'old.example.com'] },
      ['bad pattern-unused'],
      'records',
    ],
    ['the null MX', { zone: [...others, mx('.', 0)] }, ['bad mx-null'], 'null'],
    [
      'no MX: the domain itself',
      { zone: [...others, { name: 'example.com', type: 'A', data: '192.0.2.1' }] },
      ['bad mx-not-covered', 'bad pattern-unused'],
      'implicit',
    ],
    [
      'no MX, and the policy names the domain',
      {
        zone: [...others, { name: 'example.com', type: 'A', data: '192.0.2.1' }],
        policy: ['example.com'],
        config: ['example.com'],
      },
      ['ok ok'],
      'implicit',
    ],
    [
      'SERVFAIL',
      { zone: [...others, { name: 'example.com', type: 'MX', fails: 'servfail' }] },
      ['unknown dns-servfail'],
      'unknown',
    ],
    [
      'bogus',
      { zone: [...others, { name: 'example.com', type: 'MX', fails: 'bogus' }] },
      ['bad dnssec-bogus'],
      'unknown',
    ],
    [
      'silence',
      { zone: [...others, { name: 'example.com', type: 'MX', fails: 'silent' }] },
      ['unknown dns-timeout'],
      'unknown',
    ],
  ];
  for (const [what, world, codes, kind] of CASES) {
    test(what, async () => {
      const view = await look({ zone: SOUND, ...world });
      assert.deepEqual(brief(view, 'mx-set'), codes);
      assert.equal(view.mx.kind, kind);
    });
  }

  test('backups are told from the primary, whatever the order of the answer', async () => {
    const view = await look({
      zone: [...others, mx('mx2.example.com', 20), mx('MX1.example.com', 10), mx('mx3.example.com', 20)],
      policy: ['*.example.com'],
    });
    assert.deepEqual(facts(view, 'mx-set')['set'], [
      { preference: 10, host: 'mx1.example.com', backup: false },
      { preference: 20, host: 'mx2.example.com', backup: true },
      { preference: 20, host: 'mx3.example.com', backup: true },
    ]);
  });
});

describe('_mta-sts (RFC 8461 §3.1)', () => {
  const rest = [mx('mx1.example.com'), ...rpt('v=TLSRPTv1; rua=mailto:t@example.com')];
  const at = async (zone: readonly ZoneEntry[], more: Partial<World> = {}) =>
    brief(await look({ ...more, zone: [...rest, ...zone] }), 'txt');

  test('missing, several, malformed, unknown', async () => {
    assert.deepEqual(await at([]), ['bad txt-missing']);
    assert.deepEqual(await at(txt('v=spf1 -all')), ['bad txt-missing']);
    assert.deepEqual(await at(txt(`v=STSv1; id=${A}`, `v=STSv1; id=${B}`)), ['bad txt-multiple']);
    assert.deepEqual(await at(txt('v=STSv1; id=2026-02-01')), ['bad txt-invalid']);
    assert.deepEqual(await at(txt(`v=stsv1; id=${B}`)), ['bad txt-invalid']);
    assert.deepEqual(await at(txt(`v=STSv1 ; id=${B}`)), ['bad txt-invalid']);
    assert.deepEqual(await at(txt('v=STSv1; id=20991231000000')), ['bad txt-id-unknown']);
  });

  test('the id of an older text is out of sync, the id of the text in force under another id is not', async () => {
    assert.deepEqual(await at(txt(`v=STSv1; id=${A};`)), ['bad out-of-sync']);
    const again = '20260301000000';
    const back = foldLedger([
      event(A, 'minted', 'a'),
      event(A, 'announced', 'a'),
      event(again, 'minted', 'a'),
      event(again, 'announced', 'a'),
    ]);
    assert.deepEqual(await at(txt(`v=STSv1; id=${A};`), { ledger: back }), ['ok ok']);
  });

  test('a version that is minted and not yet announced does not make the old id wrong', async () => {
    const pending = foldLedger([event(A, 'minted', 'a'), event(A, 'announced', 'a'), event(B, 'minted', 'b')]);
    assert.deepEqual(await at(txt(`v=STSv1; id=${A};`), { ledger: pending }), ['ok ok']);
    assert.deepEqual(await at(txt(`v=STSv1; id=${B};`), { ledger: pending }), ['ok ok']);
  });

  test('an id with two texts is told', async () => {
    const reused = foldLedger([event(A, 'minted', 'a'), event(A, 'minted', 'c'), event(A, 'announced', 'a')]);
    assert.deepEqual(await at(txt(`v=STSv1; id=${A};`), { ledger: reused }), ['bad id-reused']);
  });

  test('without a ledger no id is foreign; after a retirement no record is missing', async () => {
    assert.deepEqual(await at(txt('v=STSv1; id=anything'), { ledger: NO_LEDGER }), ['ok ok']);
    const retired = foldLedger([event(A, 'minted', 'a'), event(A, 'announced', 'a'), event(A, 'withdrawn', 'a')]);
    assert.deepEqual(await at([], { ledger: retired }), ['ok ok']);
  });

  test('strays and a wildcard are facts', async () => {
    const view = await look({
      zone: [
        ...SOUND,
        ...txt('v=spf1 -all'),
        { name: '_postern-no-such-name.example.com', type: 'TXT', data: ['v=spf1 -all'] },
      ],
    });
    assert.equal(facts(view, 'txt')['strays'], 1);
    assert.equal(facts(view, 'txt')['wildcard'], true);
  });

  test('an alias is followed; one to a name that does not exist dangles', async () => {
    const alias = { name: '_mta-sts.example.com', type: 'CNAME', data: '_mta-sts.provider.test' };
    const good = await look({
      zone: [...rest, alias, { name: '_mta-sts.provider.test', type: 'TXT', data: [`v=STSv1; id=${B};`] }],
    });
    assert.deepEqual(brief(good, 'txt'), ['ok ok']);
    const dangling = await look({ zone: [...rest, alias] });
    assert.deepEqual(brief(dangling, 'txt'), ['bad txt-missing']);
    assert.deepEqual(brief(dangling, 'cname'), ['bad dangling-cname', 'ok ok']);
  });
});

test('_smtp._tls: missing, several, malformed (RFC 8460 §3)', async () => {
  const rest = SOUND.slice(0, 2);
  const at = async (...records: string[]) => brief(await look({ zone: [...rest, ...rpt(...records)] }), 'tlsrpt');
  assert.deepEqual(await at(), ['bad tlsrpt-missing']);
  assert.deepEqual(await at('v=TLSRPTv1; rua=mailto:a@example.com', 'v=TLSRPTv1; rua=mailto:b@example.com'), [
    'bad tlsrpt-multiple',
  ]);
  assert.deepEqual(await at('v=TLSRPTv1; rua=tlsrpt@example.com'), ['bad tlsrpt-invalid']);
});

describe('the servers of the zone, one by one', () => {
  const holds = respondFrom(SOUND, { aa: true });
  const old = respondFrom(
    [...SOUND.filter(({ name }) => name !== '_mta-sts.example.com'), ...txt(`v=STSv1; id=${A};`)],
    { aa: true },
  );

  test('all agree, and tell the TTL of the zone', async () => {
    const view = await look({ zone: SOUND, servers: [holds, holds] });
    assert.deepEqual(
      view.observations.filter(({ kind }) => kind === 'txt').map(({ facts: seen }) => seen['ttl']),
      [null, 300, 300],
    );
    for (const kind of ['mx-set', 'txt', 'tlsrpt'])
      assert.deepEqual(brief(view, kind), ['ok ok', 'ok ok 127.0.0.1', 'ok ok 127.0.0.2']);
  });

  test('one still has the old id', async () => {
    const view = await look({ zone: SOUND, servers: [holds, old] });
    assert.deepEqual(brief(view, 'txt'), ['ok ok', 'ok ok 127.0.0.1', 'bad out-of-sync 127.0.0.2']);
  });

  test('only the resolver shows the old id, or none: it keeps an older answer, and the domain is right', async () => {
    const stale = await look({
      zone: [...SOUND.filter(({ name }) => name !== '_mta-sts.example.com'), ...txt(`v=STSv1; id=${A};`)],
      servers: [holds, holds],
    });
    assert.deepEqual(brief(stale, 'txt'), ['unknown dns-cached', 'ok ok 127.0.0.1', 'ok ok 127.0.0.2']);
    assert.equal(stale.announced_id, B);
    const denied = await look({ zone: SOUND.slice(0, 1), servers: [holds] });
    assert.deepEqual(brief(denied, 'txt'), ['unknown dns-cached', 'ok ok 127.0.0.1']);
    assert.deepEqual(brief(denied, 'tlsrpt'), ['unknown dns-cached', 'ok ok 127.0.0.1']);
    assert.match(String(facts(denied, 'txt')['detail']), /older answer.*\(txt-missing\); every server of the zone/);
    const differing = await look({ zone: SOUND.slice(0, 1), servers: [holds, old] });
    assert.deepEqual(brief(differing, 'txt'), ['bad txt-missing', 'ok ok 127.0.0.1', 'bad out-of-sync 127.0.0.2']);
  });

  test('one refuses, one refers elsewhere, one answers without authority: lame', async () => {
    const refers: Respond = () => ({
      authorities: [{ name: 'com', type: 'NS', class: 'IN', ttl: 1, data: 'a.gtld.test' }],
    });
    const view = await look({ zone: SOUND, servers: [() => ({ rcode: 5 }), refers, respondFrom(SOUND)] });
    assert.deepEqual(brief(view, 'txt'), [
      'ok ok',
      'bad dns-lame 127.0.0.1',
      'bad dns-lame 127.0.0.2',
      'bad dns-lame 127.0.0.3',
    ]);
  });

  test('one fails or stays silent: not known from here', async () => {
    const view = await look({ zone: SOUND, servers: [() => ({ rcode: 2 }), () => null] });
    assert.deepEqual(brief(view, 'txt'), ['ok ok', 'unknown dns-servfail 127.0.0.1', 'unknown dns-timeout 127.0.0.2']);
  });

  test('they are asked without recursion, and not at all at private addresses', async () => {
    const asked: boolean[] = [];
    const counted: Respond = (one) => {
      asked.push(one.rd);
      return holds(one);
    };
    await look({ zone: SOUND, servers: [counted] });
    assert.deepEqual(asked, [false, false, false]);
    const view = await look({ zone: SOUND, servers: [counted], allow_private: false });
    assert.equal(asked.length, 3);
    assert.deepEqual(brief(view, 'txt'), ['ok ok', 'unknown private-address 127.0.0.1']);
  });
});

test('of a zone with very many servers sixteen are asked, and the rest is not known', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `ns${String(i + 1).padStart(2, '0')}.example.com`);
  const zone = [...SOUND, ...names.map((data): ZoneEntry => ({ name: 'example.com', type: 'NS', data }))];
  const view = await look({ zone, servers: [respondFrom(zone, { aa: true })] });
  const cut = view.observations.filter(({ code }) => code === 'not-all-servers');
  assert.deepEqual(
    cut.map(({ kind, outcome, address, facts: { detail } }) => [kind, outcome, address, detail]),
    ['mx-set', 'txt', 'tlsrpt'].map((kind) => [kind, 'unknown', null, '16 of the 21 servers of the zone were asked']),
  );
});
