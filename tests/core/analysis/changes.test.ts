import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, withCause } from '#scripts/core/analysis/changes.ts';
import { NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import { found, inForce, saw } from './probe-world.ts';
import { instant, only } from './world.ts';

const span = (first: string, facts: Readonly<Record<string, unknown>>, changes = {}): ObservationSpan => {
  const { since: _since, last_look: _last, cleared: _cleared, ...seen } = saw('ok', { facts, ...changes });
  return { ...seen, first: instant(first) };
};
const serial = (value: string) => ({ certificate: { serial: value } });

test('what changed between looks: certificate, MX set, policy, CNAME', () => {
  const spans = [
    span('2026-11-01T00:00:00Z', serial('0a')),
    span('2026-11-20T10:00:00Z', serial('0b')),
    span('2026-11-20T11:00:00Z', serial('0b'), { vantage: 'away' }),
    span(
      '2026-11-01T00:00:00Z',
      { set: [{ host: 'mx1.example.com' }] },
      { kind: 'mx-set', subject: 'example.com', address: null },
    ),
    span(
      '2026-11-19T00:00:00Z',
      { set: [{ host: 'mx3.example.com' }] },
      { kind: 'mx-set', subject: 'example.com', address: null },
    ),
  ];
  assert.deepEqual(
    changesOf(spans, NO_LEDGER).map(({ at, text }) => `${at} ${text}`),
    [
      '2026-11-19T00:00:00Z the MX set of example.com changed from mx1.example.com to mx3.example.com',
      '2026-11-20T10:00:00Z the certificate of mx1.example.com changed from serial 0a to serial 0b',
    ],
  );
});

test('a policy host that answers 503 and then the same text as before has not changed its policy', () => {
  const policy = (first: string, status: number, sha256: string) =>
    span(first, { status, sha256 }, { kind: 'policy', subject: 'mta-sts.example.com' });
  const spans = [
    policy('2026-11-01T00:00:00Z', 200, 'aa'),
    policy('2026-11-05T14:00:00Z', 503, 'bb'),
    policy('2026-11-06T09:00:00Z', 200, 'aa'),
  ];
  assert.deepEqual(changesOf(spans, NO_LEDGER), []);
  assert.equal(changesOf([...spans, policy('2026-11-07T00:00:00Z', 200, 'cc')], NO_LEDGER).length, 1);
});

test('a finding names what changed just before it, with the pull request', () => {
  const finding = only(found([saw('mx-cert-name', { since: '2026-11-20T12:00:00Z' })]));
  const changes = changesOf(
    [span('2026-11-01T00:00:00Z', serial('0a')), span('2026-11-20T10:00:00Z', serial('0b'))],
    inForce('testing', '2026-11-19T00:00:00Z'),
  );
  const { summary, evidence } = withCause(finding, changes);
  assert.match(
    summary,
    /Before it, on 2026-11-20, the certificate of mx1\.example\.com changed from serial 0a to serial 0b\.$/,
  );
  assert.deepEqual(
    evidence.slice(0, 2).map(({ kind, ref }) => [kind, ref]),
    [
      ['observation', null],
      ['ledger', '#7'],
    ],
  );
});

test('what is about our own sight has no cause in the domain', () => {
  const finding = only(found([saw('mx-cert-name', { since: '2026-11-20T12:00:00Z' })]));
  const changes = changesOf([], inForce('testing', '2026-11-19T00:00:00Z'));
  assert.notEqual(withCause(finding, changes), finding);
  for (const rule of ['coverage-gap', 'probe-blocked', 'automation-stale']) {
    const ours = { ...finding, rule };
    assert.equal(withCause(ours, changes), ours);
  }
});

test('a change of another host, or of long ago, explains nothing', () => {
  const finding = only(found([saw('mx-cert-name', { since: '2026-11-20T12:00:00Z' })]));
  const other = changesOf(
    [
      span('2026-11-01T00:00:00Z', serial('0a'), { subject: 'mx2.example.com' }),
      span('2026-11-20T10:00:00Z', serial('0b'), { subject: 'mx2.example.com' }),
    ],
    inForce('testing', '2026-10-01T00:00:00Z'),
  );
  assert.equal(withCause(finding, other), finding);
});
