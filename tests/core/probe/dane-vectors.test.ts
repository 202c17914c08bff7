import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import {
  daneStanding,
  type HostLookups,
  isSearchOver,
  needsAliasLookup,
  tlsaBases,
} from '#scripts/core/probe/dane-base.ts';
import { type DaneCertificate, matchDane } from '#scripts/core/probe/dane-check.ts';
import { daneRows, type PresentedAt } from '#scripts/core/probe/dane-sightings.ts';
import type { Lookup, LookupStatus } from '#scripts/core/probe/dns-lookup.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { parseTlsaText, tlsaOwnerName } from '#scripts/standards/tlsa-record.ts';
import { aliases, lookup } from './lookups.ts';

/** The vectors D01 to D50 of the DANE checklist (RFC 7672, RFC 7671), from look-ups and chains as data. */

const NOW = instantOf(Date.parse('2026-03-01T00:00:00Z'));
const HOST = 'mx1.example.com';
const DOMAIN = 'example.com';

const sha = (bits: 256 | 512, bytes: Uint8Array) => createHash(`sha${bits}`).update(bytes).digest('hex');
const der = (text: string) => new Uint8Array(Buffer.concat([Buffer.from([0x30]), Buffer.from(text)]));

function certificate(name: string, key: string, more: Partial<DaneCertificate> = {}): DaneCertificate {
  return {
    der: der(`certificate ${name} ${key}`),
    spki: der(`key ${key}`),
    not_before: instantOf(Date.parse('2026-01-01T00:00:00Z')),
    not_after: instantOf(Date.parse('2026-04-01T00:00:00Z')),
    dns_names: [HOST],
    common_name: null,
    is_ca: false,
    signed_by: [1],
    ...more,
  };
}
const past = { not_after: instantOf(Date.parse('2026-02-01T00:00:00Z')) };
const ca = (name: string, signed_by: readonly number[] = []) =>
  certificate(name, name, { is_ca: true, dns_names: [], signed_by });

const C = certificate('C', 'K');
const T = ca('T', [2]);
const ROOT = ca('root', [2]);
const NEXT = certificate('C next', 'K next');
const S = (key: string) => sha(256, der(`key ${key}`));
const F = (one: DaneCertificate) => sha(256, one.der);

interface Vector {
  /** Presentation form, at `_25._tcp.mx1` unless `at` says otherwise. */
  readonly tlsa: readonly string[] | LookupStatus;
  readonly chain?: readonly DaneCertificate[] | null;
  /** TLSA by owner, instead of `tlsa`. */
  readonly at?: Readonly<Record<string, readonly string[]>>;
  readonly host?: Partial<Pick<HostLookups, 'a' | 'aaaa' | 'alias'>>;
  readonly mxSecure?: boolean;
  /** The TLSA answer is not signed. */
  readonly tlsaSecure?: boolean;
}

type Result = 'pass' | 'fail' | 'encrypt-only' | 'not-dane' | 'unreachable';

const tlsaLookup = (name: string, records: readonly string[] | LookupStatus, secure = true): Lookup<'TLSA'> => {
  const data =
    typeof records === 'string'
      ? records
      : records.map((text) => {
          const parsed = parseTlsaText(text);
          assert.ok(parsed.ok, text);
          const { usage, selector, matching_type, data: hexData } = parsed.value;
          return new Uint8Array([usage, selector, matching_type, ...Buffer.from(hexData, 'hex')]);
        });
  return lookup(name, 'TLSA', data, secure ? {} : { secure: false });
};

function standingOf({ tlsa, at, host, tlsaSecure }: Vector) {
  const a = host?.a ?? lookup(HOST, 'A', ['192.0.2.1']);
  const aaaa = host?.aaaa ?? lookup(HOST, 'AAAA', []);
  const lookups: HostLookups = {
    host: HOST,
    a,
    aaaa,
    alias: needsAliasLookup({ a, aaaa }) ? (host?.alias ?? null) : null,
  };
  const made: Lookup<'TLSA'>[] = [];
  for (const base of tlsaBases(lookups)) {
    const owner = tlsaOwnerName(base);
    const found = at === undefined ? (base === HOST ? tlsa : 'nxdomain') : (at[owner] ?? 'nxdomain');
    made.push(tlsaLookup(owner, found, tlsaSecure ?? true));
    if (isSearchOver(made.at(-1) as Lookup<'TLSA'>)) break;
  }
  return { standing: daneStanding(lookups, made), lookups: [a, aaaa, ...made] };
}

function resultOf(vector: Vector): Result {
  const { standing } = standingOf(vector);
  if (standing.kind !== 'dane') return standing.kind;
  const chain = vector.chain === undefined ? [C, T] : vector.chain;
  // RFC 7672 §2.2: records demand TLS, whatever they are worth.
  if (chain === null) return 'fail';
  return matchDane({
    records: standing.records,
    chain,
    reference_names: [standing.base, DOMAIN],
    now: NOW,
    digest: (type, bytes) => sha(type === 1 ? 256 : 512, bytes),
  }).result;
}

/** Without the sound row of the record set itself, which stands beside those of the addresses. */
function rowsOf(vector: Vector, presented?: readonly PresentedAt[], expected = false): readonly Observation[] {
  const rows = allRows(vector, presented, expected);
  return rows.length > 1 ? rows.filter(({ address, code }) => address !== null || code !== 'ok') : rows;
}

function allRows(vector: Vector, presented?: readonly PresentedAt[], expected = false): readonly Observation[] {
  const { standing, lookups } = standingOf(vector);
  const chain = vector.chain === undefined ? [C, T] : vector.chain;
  return daneRows(
    { at: NOW, vantage: 'test', domain: DOMAIN },
    {
      host: HOST,
      standing,
      mx: lookup(DOMAIN, 'MX', [{ preference: 10, exchange: HOST }], { secure: vector.mxSecure ?? true }),
      lookups,
      presented: presented ?? [
        { address: '192.0.2.1', chain, without: chain === null ? 'refused' : null, detail: 'STARTTLS is not offered' },
      ],
      reference_names: [standing.kind === 'dane' ? standing.base : HOST, DOMAIN],
      expected,
      digest: (type, bytes) => sha(type === 1 ? 256 : 512, bytes),
    },
  );
}

const k = `3 1 1 ${S('K')}`;
const next = `3 1 1 ${S('K next')}`;
const anchor = `2 1 1 ${S('T')}`;
const alias = (...names: string[]) => ({
  a: lookup(HOST, 'A', ['192.0.2.1'], { aliases: aliases(...names) }),
  aaaa: lookup(HOST, 'AAAA', [], { aliases: aliases(...names) }),
});
const insecure = { secure: false };

const VECTORS: readonly (readonly [
  vector: string,
  why: string,
  one: Vector,
  result: Result,
  codes: readonly string[],
])[] = [
  ['D01', 'the key', { tlsa: [k] }, 'pass', ['ok']],
  ['D02', 'dates are ignored', { tlsa: [k], chain: [{ ...C, ...past }, T] }, 'pass', ['ok']],
  ['D03', 'names are ignored', { tlsa: [k], chain: [{ ...C, dns_names: ['www.example.net'] }, T] }, 'pass', ['ok']],
  ['D04', 'the chain is not needed', { tlsa: [k], chain: [{ ...C, signed_by: [] }] }, 'pass', ['ok']],
  ['D05', 'self-signed', { tlsa: [k], chain: [{ ...C, signed_by: [0] }] }, 'pass', ['ok']],
  ['D06', 'renewed with the same key', { tlsa: [k], chain: [certificate('C renewed', 'K'), T] }, 'pass', ['ok']],
  [
    'D07',
    'a whole certificate, renewed',
    { tlsa: [`3 0 1 ${F(C)}`], chain: [certificate('C renewed', 'K'), T] },
    'fail',
    ['tlsa-mismatch'],
  ],
  ['D08', 'rolled without pre-publishing', { tlsa: [k], chain: [NEXT, T] }, 'fail', ['tlsa-mismatch']],
  ['D09', 'pre-published', { tlsa: [k, next] }, 'pass', ['ok']],
  ['D10', 'after the swap', { tlsa: [k, next], chain: [NEXT, T] }, 'pass', ['ok']],
  ['D11', 'an old record set in a cache', { tlsa: [k], chain: [NEXT, T] }, 'fail', ['tlsa-mismatch']],
  ['D12', 'the trust anchor', { tlsa: [anchor] }, 'pass', ['ok']],
  ['D13', 'the anchor is not served', { tlsa: [anchor], chain: [{ ...C, signed_by: [] }] }, 'fail', ['tlsa-mismatch']],
  ['D14', 'dates count for usage 2', { tlsa: [anchor], chain: [{ ...C, ...past }, T] }, 'fail', ['tlsa-mismatch']],
  [
    'D15',
    'names count for usage 2',
    { tlsa: [anchor], chain: [{ ...C, dns_names: ['www.example.net'] }, T] },
    'fail',
    ['tlsa-mismatch'],
  ],
  [
    'D16',
    'the domain of the mail is a reference name',
    { tlsa: [anchor], chain: [{ ...C, dns_names: [DOMAIN] }, T] },
    'pass',
    ['ok'],
  ],
  ['D17', 'the root is served', { tlsa: [`2 0 1 ${F(ROOT)}`], chain: [C, T, ROOT] }, 'pass', ['ok']],
  ['D18', 'the root is not served', { tlsa: [`2 0 1 ${F(ROOT)}`] }, 'fail', ['tlsa-mismatch']],
  ['D19', 'another intermediate', { tlsa: [anchor], chain: [NEXT, ca('T2')] }, 'fail', ['tlsa-mismatch']],
  [
    'D20',
    'the anchor carries, the rule of the publisher is broken',
    { tlsa: [`3 1 1 ${S('old')}`, anchor], chain: [NEXT, T] },
    'pass',
    ['tlsa-usage', 'ok'],
  ],
  ['D21', 'usage 1', { tlsa: [`1 1 1 ${S('K')}`] }, 'encrypt-only', ['tlsa-usage', 'ok']],
  ['D22', 'usage 0', { tlsa: [`0 0 1 ${F(T)}`] }, 'encrypt-only', ['tlsa-usage', 'ok']],
  ['D23', 'usage 1, wrong', { tlsa: [`1 1 1 ${S('wrong')}`] }, 'encrypt-only', ['tlsa-usage', 'ok']],
  ['D24', '31 bytes', { tlsa: [`3 1 1 ${S('K').slice(2)}`] }, 'encrypt-only', ['tlsa-malformed', 'ok']],
  [
    'D25',
    'a malformed record beside a good one',
    { tlsa: [`3 1 1 ${S('K').slice(2)}`, k] },
    'pass',
    ['tlsa-malformed', 'ok'],
  ],
  ['D26', 'an unknown matching type', { tlsa: [`3 1 9 ${S('K')}`] }, 'encrypt-only', ['tlsa-malformed', 'ok']],
  ['D27', 'the full key', { tlsa: [`3 1 0 ${Buffer.from(C.spki).toString('hex')}`] }, 'pass', ['tlsa-usage', 'ok']],
  ['D28', 'SHA2-512 alone', { tlsa: [`3 1 2 ${sha(512, C.spki)}`] }, 'pass', ['tlsa-usage', 'ok']],
  [
    'D29',
    'the stronger digest is stale',
    { tlsa: [k, `3 1 2 ${sha(512, der('key old'))}`] },
    'fail',
    ['tlsa-mismatch'],
  ],
  [
    'D30',
    'the RSA client of a host with two keys',
    { tlsa: [k], chain: [certificate('C rsa', 'K rsa'), T] },
    'fail',
    ['tlsa-mismatch'],
  ],
  ['D31', 'STARTTLS is not offered', { tlsa: [k], chain: null }, 'fail', ['tlsa-mismatch']],
  ['D32', 'the handshake fails', { tlsa: [k], chain: null }, 'fail', ['tlsa-mismatch']],
  [
    'D33',
    'the zone of the host is not signed',
    { tlsa: [k], host: { a: lookup(HOST, 'A', ['192.0.2.1'], insecure), aaaa: lookup(HOST, 'AAAA', [], insecure) } },
    'not-dane',
    ['ok'],
  ],
  ['D34', 'the MX records are not signed', { tlsa: [k], mxSecure: false }, 'pass', ['ok']],
  ['D35', 'TLSA bogus', { tlsa: 'bogus' }, 'unreachable', ['dnssec-bogus']],
  ['D36', 'TLSA SERVFAIL', { tlsa: 'servfail' }, 'unreachable', ['dns-servfail']],
  ['D36', 'TLSA timeout', { tlsa: 'timeout' }, 'unreachable', ['dns-timeout']],
  ['D37', 'secure denial', { tlsa: 'nxdomain' }, 'not-dane', ['ok']],
  ['D38', 'addresses bogus', { tlsa: [k], host: { a: lookup(HOST, 'A', 'bogus') } }, 'unreachable', ['dnssec-bogus']],
  [
    'D39',
    'an alias: the end of it first',
    { tlsa: 'nxdomain', at: { '_25._tcp.host9.example.net': [k] }, host: alias(HOST, 'host9.example.net') },
    'pass',
    ['ok'],
  ],
  [
    'D40',
    'an alias: the name itself second',
    { tlsa: 'nxdomain', at: { [`_25._tcp.${HOST}`]: [k] }, host: alias(HOST, 'host9.example.net') },
    'pass',
    ['ok'],
  ],
  [
    'D41',
    'an alias: never one in between',
    { tlsa: 'nxdomain', at: { '_25._tcp.a.example.net': [k] }, host: alias(HOST, 'a.example.net', 'b.example.net') },
    'not-dane',
    ['ok'],
  ],
  [
    'D42',
    'an alias into a zone that is not signed: the name itself alone',
    {
      tlsa: 'nxdomain',
      at: { [`_25._tcp.${HOST}`]: [k], '_25._tcp.host9.example.net': [next] },
      host: {
        a: lookup(HOST, 'A', ['192.0.2.1'], { ...insecure, aliases: aliases(HOST, 'host9.example.net') }),
        aaaa: lookup(HOST, 'AAAA', [], { ...insecure, aliases: aliases(HOST, 'host9.example.net') }),
        alias: lookup(HOST, 'CNAME', ['host9.example.net']),
      },
    },
    'pass',
    ['ok'],
  ],
  ['D43', 'the TLSA name is an alias', { tlsa: [k] }, 'pass', ['ok']],
  [
    'D44',
    'the TLSA name is an alias into a zone that is not signed',
    { tlsa: [k], tlsaSecure: false },
    'not-dane',
    ['ok'],
  ],
  ['D48', 'TLSA at the mail domain', { tlsa: 'nxdomain', at: { [`_25._tcp.${DOMAIN}`]: [k] } }, 'not-dane', ['ok']],
  ['D49', 'TLSA for another port', { tlsa: 'nxdomain', at: { [`_465._tcp.${HOST}`]: [k] } }, 'not-dane', ['ok']],
  ['D50', 'DANE passes where MTA-STS fails', { tlsa: [k], chain: [{ ...C, ...past }, T] }, 'pass', ['ok']],
];

describe('vectors', () => {
  for (const [vector, why, one, result, codes] of VECTORS) {
    test(`${vector} ${why}: ${result}`, () => {
      assert.equal(resultOf(one), result);
      assert.deepEqual(
        rowsOf(one).map(({ code }) => code),
        codes,
      );
    });
  }

  test('D36 what fails without proof is unknown, not bad', () => {
    assert.deepEqual(
      rowsOf({ tlsa: 'servfail' }).map(({ outcome }) => outcome),
      ['unknown'],
    );
    assert.deepEqual(
      rowsOf({ tlsa: 'bogus' }).map(({ outcome }) => outcome),
      ['bad'],
    );
  });

  test('D43 and D40 the base domain is the name that was asked', () => {
    const { standing } = standingOf({
      tlsa: 'nxdomain',
      at: { [`_25._tcp.${HOST}`]: [k] },
      host: alias(HOST, 'host9.example.net'),
    });
    assert.equal(standing.kind === 'dane' && standing.base, HOST);
  });

  test('D45 another host of the domain has records, this one none', () => {
    assert.deepEqual(
      rowsOf({ tlsa: 'nxdomain' }, [], true).map(({ code }) => code),
      ['tlsa-missing-host'],
    );
  });

  test('D46 and D47 every address is judged by itself', () => {
    const at = (address: string, chain: readonly DaneCertificate[]): PresentedAt => ({
      address,
      chain,
      without: null,
      detail: '',
    });
    const rows = rowsOf({ tlsa: [k] }, [at('192.0.2.1', [C, T]), at('192.0.2.2', [NEXT, T])]);
    assert.deepEqual(
      rows.map(({ address, code }) => [address, code]),
      [
        ['192.0.2.1', 'ok'],
        ['192.0.2.2', 'tlsa-mismatch'],
      ],
    );
  });
});

describe('what the rows say beside the match', () => {
  test('the record set has a row of its own, so that its faults can be seen gone', () => {
    const seen = allRows({ tlsa: [k] }).map(({ address, outcome }) => [address, outcome]);
    assert.deepEqual(seen, [
      [null, 'ok'],
      ['192.0.2.1', 'ok'],
    ]);
  });

  test('the next key stands ready, the anchor carries a change, or neither', () => {
    const rollover = (tlsa: readonly string[]) => rowsOf({ tlsa })[0]?.facts['rollover'];
    assert.equal(rollover([k, next]), 'next-key');
    assert.equal(rollover([k, anchor]), 'trust-anchor');
    assert.equal(rollover([k]), 'none');
  });

  test('more than one record that matches nothing is surplus', () => {
    assert.deepEqual(
      rowsOf({ tlsa: [k, next, `3 1 1 ${S('older')}`] }).map(({ code }) => code),
      ['tlsa-usage', 'ok'],
    );
    assert.deepEqual(
      rowsOf({ tlsa: [k, next] }).map(({ code }) => code),
      ['ok'],
    );
  });

  test('a record of both keys of a host is not surplus when another address presents the other', () => {
    const at = (address: string, chain: readonly DaneCertificate[]): PresentedAt => ({
      address,
      chain,
      without: null,
      detail: '',
    });
    const rows = rowsOf({ tlsa: [k, next, `3 1 1 ${S('spare')}`] }, [
      at('192.0.2.1', [C, T]),
      at('192.0.2.2', [NEXT, T]),
    ]);
    assert.deepEqual(
      rows.map(({ code }) => code),
      ['ok', 'ok'],
    );
  });

  test('a host that cannot be reached from here leaves the match unknown', () => {
    const rows = rowsOf({ tlsa: [k] }, [{ address: '192.0.2.1', chain: null, without: 'unknown', detail: 'timeout' }]);
    assert.deepEqual(
      rows.map(({ outcome, code }) => [outcome, code]),
      [['unknown', 'no-chain']],
    );
  });

  test('usage 2 says why it does not pass', () => {
    const why = (chain: readonly DaneCertificate[]) => String(rowsOf({ tlsa: [anchor], chain })[0]?.facts['detail']);
    assert.match(why([{ ...C, ...past }, T]), /not valid now/);
    assert.match(why([{ ...C, dns_names: ['www.example.net'] }, T]), /names none of mx1\.example\.com, example\.com/);
    assert.match(why([{ ...C, signed_by: [] }, T]), /did not sign/);
    assert.match(why([C, { ...T, is_ca: false }]), /did not sign/);
  });

  test('a star stands for the whole first label, a common name counts only without any DNS name (RFC 7672 §3.2.3)', () => {
    const result = (more: Partial<DaneCertificate>) => resultOf({ tlsa: [anchor], chain: [{ ...C, ...more }, T] });
    assert.equal(result({ dns_names: ['*.example.com'] }), 'pass');
    assert.equal(result({ dns_names: ['mx*.example.com'] }), 'fail');
    assert.equal(result({ dns_names: [], common_name: HOST }), 'pass');
    assert.equal(result({ dns_names: ['www.example.net'], common_name: HOST }), 'fail');
  });

  test('signatures that end soon for their life are told', () => {
    const signed = (from: string, until: string) => ({
      signed: { from: instantOf(Date.parse(from)), until: instantOf(Date.parse(until)), ttl: 300 },
    });
    const codes = (from: string, until: string) =>
      rowsOf({ tlsa: [k], host: { a: lookup(HOST, 'A', ['192.0.2.1'], signed(from, until)) } }).map(({ code }) => code);
    assert.deepEqual(codes('2026-02-20T00:00:00Z', '2026-03-06T00:00:00Z'), ['ok'], '5 of 14 days');
    assert.deepEqual(codes('2026-02-17T00:00:00Z', '2026-03-03T00:00:00Z'), ['dnssec-expiring', 'ok'], '2 of 14 days');
    assert.deepEqual(codes('2026-02-28T00:00:00Z', '2026-03-02T00:00:00Z'), ['ok'], '1 of 2 days');
    assert.deepEqual(
      codes('2026-02-27T06:00:00Z', '2026-03-01T06:00:00Z'),
      ['dnssec-expiring', 'ok'],
      '6 hours of 2 days',
    );
  });
});
