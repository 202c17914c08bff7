import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { remark } from '#scripts/core/probe/remark.ts';

const row = (kind: Observation['kind'], facts: Observation['facts'], outcome: Observation['outcome'] = 'ok') =>
  ({
    ...{ at: instantOf(0), vantage: 'here', domain: 'example.com', kind, subject: 'example.com' },
    ...{ address: null, outcome, code: outcome === 'ok' ? 'ok' : 'some-fault', facts },
  }) satisfies Observation;
const certificate = { not_after: '2027-02-23T05:17:19Z' };
const TABLE: readonly [Observation['kind'], Observation['facts'], string][] = [
  ['mx-set', { kind: 'records', set: [{ preference: 10, host: 'mx.example' }] }, '10 mx.example'],
  ['mx-set', { kind: 'implicit', set: [{ preference: 0, host: 'example.com' }] }, 'implicit'],
  [
    'mx-set',
    { kind: 'records', set: [1, 2, 3, 4, 5, 6].map((preference) => ({ preference, host: 'm' })) },
    '1 m, 2 m, 3 m, 4 m, 2 more',
  ],
  ['mx', { tls: { version: 'TLSv1.3' }, certificate }, 'TLSv1.3, until 2027-02-23'],
  ['mx', { tls: { version: 'TLSv1.2' }, certificate: null, alias_of: 'b.example' }, 'TLSv1.2, alias of b.example'],
  [
    'policy',
    { status: 200, bytes: 73, version: '20261101000000', certificate },
    '200, 73 bytes, id 20261101000000, until 2027-02-23',
  ],
  ['policy', {}, ''],
  ['txt', { id: '20261101000000', records: ['v=STSv1; id=20261101000000;'] }, 'id 20261101000000'],
  ['tlsrpt', { records: ['v=TLSRPTv1; rua=mailto:a@b.example'] }, 'v=TLSRPTv1; rua=mailto:a@b.example'],
  [
    'dane',
    { dane: true, signed: true, records: ['3 1 1 aa', '3 1 1 bb'], rollover: 'next-key' },
    '3 1 1, 3 1 1, rollover: next-key',
  ],
  ['dane', { dane: false, signed: true }, 'no TLSA records, DANE is not in use'],
  ['dane', { dane: false, signed: false }, 'not signed, DANE is not in use'],
  ['caa', { records: [], found_at: null, issuer: null }, 'no CAA records: any authority may issue'],
  [
    'caa',
    { records: ['0 issue "letsencrypt.org"'], found_at: 'example.com', issuer: "Let's Encrypt" },
    '0 issue "letsencrypt.org", at example.com, issued by Let\'s Encrypt',
  ],
  ['cname', { aliases: ['host.example'] }, '→ host.example'],
  ['cname', { aliases: [] }, 'none'],
  ['vantage', {}, ''],
];

suite('what a line of the table says', () => {
  for (const [kind, facts, expected] of TABLE)
    test(`${kind} ${JSON.stringify(facts)}`, () => assert.equal(remark(row(kind, facts)), expected));

  test('what is bad: reason and detail, once where they are the same', () => {
    assert.equal(remark(row('mx', { reason: 'expired', detail: 'On Monday.' }, 'bad')), 'expired: On Monday.');
    assert.equal(remark(row('dane', { reason: 'no record', detail: 'no record' }, 'unknown')), 'no record');
  });

  test('rows that were imported may hold anything', () => {
    for (const kind of ['mx-set', 'mx', 'policy', 'txt', 'tlsrpt', 'dane', 'caa', 'cname', 'vantage'] as const)
      for (const junk of [null, 7, 'x', [null], [7], {}, { version: 7 }])
        assert.equal(
          typeof remark(
            row(kind, {
              ...{ kind: junk, set: junk, tls: junk, certificate: junk, alias_of: junk, status: junk, bytes: junk },
              ...{ id: junk, records: junk, dane: true, rollover: junk, found_at: junk, issuer: junk, aliases: junk },
            }),
          ),
          'string',
        );
  });
});
