import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDays, type Day, type Instant } from '#scripts/core/clock.ts';
import {
  brokenIssuerPins,
  certificateLives,
  poolDifferences,
  renewalStandings,
  renewals,
} from '#scripts/core/probe/certificate-life.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';

const day = (text: string): Instant => `2026-${text}T00:00:00Z` as Instant;

/** Certificate `name`, valid for `days` from `from`, seen from `first` to `last`. */
function span(
  name: string,
  [first, last]: readonly [string, string],
  changes: {
    readonly address?: string;
    readonly from?: string;
    readonly days?: number;
    readonly key?: string;
    readonly issuer?: string;
  } = {},
): ObservationSpan {
  const { address = '192.0.2.1', from = first, days = 90, key = name, issuer = 'R1' } = changes;
  const until = addDays(`2026-${from}` as Day, days);
  const certificate = {
    serial: name,
    sha256: `${name}-cert`,
    spki_sha256: key,
    issuer,
    not_before: day(from),
    not_after: `${until}T00:00:00Z`,
  };
  return {
    at: day(last),
    first: day(first),
    looks: 2,
    vantage: 'home',
    domain: 'example.com',
    kind: 'mx',
    subject: 'mx1.example.com',
    address,
    outcome: 'ok',
    code: 'ok',
    facts: { certificate, chain: [{ spki_sha256: issuer.toLowerCase().repeat(32) }] },
  };
}

test('spans of one certificate are one life, whatever else changed; what has none is left out', () => {
  const lives = certificateLives([
    span('b', ['03-01', '03-20']),
    span('a', ['01-01', '01-31']),
    { ...span('a', ['02-01', '02-28'], { from: '01-01' }), outcome: 'bad', code: 'mx-sni-required' },
    { ...span('a', ['02-01', '02-28']), facts: { reason: 'timeout' } },
  ]);
  assert.deepEqual(
    lives.map(({ serial, first_seen, last_seen }) => [serial, first_seen.slice(5, 10), last_seen.slice(5, 10)]),
    [
      ['a', '01-01', '02-28'],
      ['b', '03-01', '03-20'],
    ],
  );
});

test('a renewal says whether key and issuer changed', () => {
  const lives = certificateLives([
    span('a', ['01-01', '02-28']),
    span('b', ['03-01', '04-28'], { key: 'a' }),
    span('c', ['05-01', '05-28'], { issuer: 'R2' }),
  ]);
  assert.deepEqual(
    renewals(lives).map(({ from, to, at, key_changed, issuer_changed }) => [
      from.serial,
      to.serial,
      at.slice(5, 10),
      key_changed,
      issuer_changed,
    ]),
    [
      ['a', 'b', '03-01', false, false],
      ['b', 'c', '05-01', true, true],
    ],
  );
});

test('pool members that differ are told, the forgotten one first; one address may hide a pool', () => {
  const apart = certificateLives([
    span('old', ['01-01', '03-10']),
    span('new', ['03-01', '03-10'], { address: '192.0.2.2' }),
  ]);
  assert.deepEqual(
    poolDifferences(apart).map(({ kind, members }) => [kind, members.map(({ serial }) => serial)]),
    [['addresses', ['old', 'new']]],
  );
  const behind = certificateLives([
    span('old', ['01-01', '03-01']),
    span('new', ['03-02', '03-02']),
    span('old', ['03-03', '03-03'], { from: '01-01' }),
  ]);
  assert.deepEqual(
    poolDifferences(behind).map(({ kind, members }) => [kind, members.map(({ serial }) => serial)]),
    [['behind-one', ['old', 'new']]],
  );
  assert.deepEqual(
    renewals(behind).map(({ to }) => to.serial),
    ['new'],
  );
  assert.deepEqual(
    poolDifferences(certificateLives([span('a', ['01-01', '02-01']), span('b', ['02-02', '02-03'])])),
    [],
  );
});

test('a renewal that is due and not seen, and one that was issued but not loaded here', () => {
  const one = certificateLives([span('a', ['01-01', '03-10'])]);
  const standing = (at: string, lives = one) =>
    renewalStandings(lives, 'relative', day(at)).map(({ life, stage, renewal }) => [life.serial, stage, renewal]);
  assert.deepEqual(standing('02-15'), [['a', 'none', 'not-due']]);
  assert.deepEqual(standing('03-05'), [['a', 'notify', 'due']]);
  assert.deepEqual(standing('03-29'), [['a', 'critical', 'due']]);
  const both = certificateLives([
    span('a', ['01-01', '03-10']),
    span('b', ['03-02', '03-10'], { address: '192.0.2.2' }),
  ]);
  assert.deepEqual(standing('03-10', both), [
    ['a', 'notify', 'elsewhere'],
    ['b', 'none', 'not-due'],
  ]);
});

test('a new intermediate breaks pins of usage 2 unless one of them fits it, too (RFC 7671 §5.2)', () => {
  const pin = (issuer: string) => `2 1 1 ${issuer.toLowerCase().repeat(32)}`;
  const host = 'mx1.example.com';
  const before = certificateLives([span('a', ['01-01', '02-01'], { issuer: 'A1' })]);
  const after = certificateLives([
    span('a', ['01-01', '02-01'], { issuer: 'A1' }),
    span('b', ['02-02', '02-03'], { issuer: 'B2' }),
  ]);
  const pins = { host, records: [pin('A1'), '3 1 1 00'] };
  assert.deepEqual(brokenIssuerPins(before, pins), []);
  assert.deepEqual(brokenIssuerPins(after, pins), [pin('A1')]);
  assert.deepEqual(brokenIssuerPins(after, { host, records: [pin('A1'), pin('B2')] }), []);
  assert.deepEqual(brokenIssuerPins(after, { host, records: ['3 1 1 00'] }), []);
  assert.deepEqual(brokenIssuerPins(after, { host: 'mx2.example.com', records: [pin('A1')] }), []);
});
