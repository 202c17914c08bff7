import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { propagationOf } from '#scripts/core/reports/propagation.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import type { MtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { dayOf, instantOf } from '../../io/store/stored-rows.ts';
import { policy, published } from '../policy/ledger-events.ts';

const testing = policy('testing', 'mx1.example.com');
const enforce = policy('enforce', 'mx1.example.com');
const first = published('2026-10-01T08:00:00Z', testing);
const ledger = foldLedger([...first, ...published('2026-11-10T08:00:00Z', enforce, first)]);
const [old, current] = ledger.versions;

function strings({ mode, mx, max_age }: MtaStsPolicy): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.map((pattern) => `mx: ${pattern}`), `max_age: ${max_age}`];
}

function reporter(name: string, ...shown: readonly (readonly [MtaStsPolicy, string])[]): ReporterRecord {
  return {
    domain: 'example.com',
    reporter: name,
    organization_name: null,
    days: [],
    volumes: [],
    last_received_at: instantOf('2026-11-21T03:00:00Z'),
    totals: [],
    policy_string: null,
    policy_string_day: null,
    policies: shown.map(([one, day]) => ({
      policy_string: strings(one),
      first_day: dayOf(day),
      last_day: dayOf(day),
      successful: 1,
      failed: 0,
    })),
  };
}

const states = (...records: readonly ReporterRecord[]) =>
  propagationOf(records, ledger.versions, ledger.in_force?.id ?? null).map(({ reporter, state, version }) => [
    reporter,
    state,
    version,
  ]);

test('the policy of the last day decides, whatever was shown before', () => {
  assert.deepEqual(
    states(
      reporter('b.example', [testing, '2026-11-12']),
      reporter('a.example', [enforce, '2026-11-12'], [testing, '2026-11-11']),
    ),
    [
      ['a.example', 'current', current?.id],
      ['b.example', 'older', old?.id],
    ],
  );
});

test('two policies on one day: some servers still hold the older one (Google)', () => {
  assert.deepEqual(states(reporter('google.com', [enforce, '2026-11-11'], [testing, '2026-11-11'])), [
    ['google.com', 'older', old?.id],
  ]);
});

test('a policy that was never published here is neither old nor current', () => {
  assert.deepEqual(states(reporter('c.example', [policy('enforce', 'mx9.example.com'), '2026-11-12'])), [
    ['c.example', 'other', null],
  ]);
});

test('who shows no policy says nothing', () => {
  assert.deepEqual(states(reporter('d.example')), []);
});

test('a view that knows only the newest policy is enough', () => {
  const { policies: _, ...record } = reporter('e.example');
  const newest = { ...record, policy_string: strings(testing), policy_string_day: dayOf('2026-11-12') };
  assert.deepEqual(states(newest), [['e.example', 'older', old?.id]]);
});

test('a cache may hold the older version for its max_age after the newer was announced (RFC 8461 §5.1)', () => {
  const on = (day: string) =>
    propagationOf([reporter('b.example', [testing, day])], ledger.versions, ledger.in_force?.id ?? null)[0];
  assert.equal(on('2026-11-11')?.cached_until, '2026-11-11T08:00:00Z');
  assert.equal(on('2026-11-11')?.overdue, false);
  assert.equal(on('2026-11-12')?.overdue, true);
});

test('after a rollback the old body is the version in force', () => {
  const events = [...first, ...published('2026-11-10T08:00:00Z', enforce, first)];
  const back = foldLedger([...events, ...published('2026-11-14T08:00:00Z', testing, events)]);
  const shown = [reporter('a.example', [testing, '2026-11-15']), reporter('b.example', [enforce, '2026-11-15'])];
  assert.deepEqual(
    propagationOf(shown, back.versions, back.in_force?.id ?? null).map(({ state, version }) => [state, version]),
    [
      ['current', back.versions[2]?.id],
      ['older', back.versions[1]?.id],
    ],
  );
});

test('nothing published: nothing is older', () => {
  assert.deepEqual(
    propagationOf([reporter('a.example', [testing, '2026-11-12'])], [], null).map(({ state }) => state),
    ['other'],
  );
});
