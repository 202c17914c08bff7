import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceJoin } from '#scripts/core/reports/join-pieces.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import { dayOf, instantOf } from '../../io/store/stored-rows.ts';
import { pieceOf, plainVolumes } from './piece-of-view.ts';

const reporter = (changes: Partial<ReporterRecord>): ReporterRecord => ({
  domain: 'example.com',
  reporter: 'r.example',
  organization_name: 'R',
  days: [],
  volumes: [],
  last_received_at: instantOf('2026-01-01T00:00:00Z'),
  totals: [],
  policy_string: null,
  policy_string_day: null,
  policies: [],
  ...changes,
});

const DOMAINS = ['a.example', 'b.example', 'example.com'];

function joined(...months: readonly (readonly [month: string, Parameters<typeof pieceOf>[2]])[]) {
  const join = new PieceJoin(DOMAINS);
  for (const [month, view] of months) join.add(pieceOf(month, DOMAINS, view));
  return join.view();
}

test('a reporter over months: days and totals together, the newest name, policy and receipt', () => {
  const older = reporter({
    days: [dayOf('2026-01-31')],
    volumes: [3],
    organization_name: 'Old',
    last_received_at: instantOf('2026-03-01T00:00:00Z'),
    totals: [{ policy_type: 'sts', successful: 1, failed: 2 }],
    policy_string: ['old'],
    policy_string_day: dayOf('2026-01-31'),
  });
  const newer = reporter({
    days: [dayOf('2026-02-01')],
    volumes: [30],
    organization_name: null,
    totals: [
      { policy_type: 'no-policy-found', successful: 5, failed: 0 },
      { policy_type: 'sts', successful: 10, failed: 20 },
    ],
  });
  const { reporters } = joined(['2026-01', { reporters: [older] }], ['2026-02', { reporters: [newer] }]);
  assert.deepEqual(plainVolumes(reporters), [
    reporter({
      organization_name: 'Old',
      days: [dayOf('2026-01-31'), dayOf('2026-02-01')],
      volumes: [3, 30],
      last_received_at: instantOf('2026-03-01T00:00:00Z'),
      totals: [
        { policy_type: 'no-policy-found', successful: 5, failed: 0 },
        { policy_type: 'sts', successful: 11, failed: 22 },
      ],
      policy_string: ['old'],
      policy_string_day: dayOf('2026-01-31'),
    }),
  ]);
});

test('reporters come by domain and name, what stands apart by domain, strangers last', () => {
  const apart = (domain: string | null, reports: number, at: string) => ({
    domain,
    reason: 'foreign' as const,
    reports,
    last_received_at: instantOf(at),
  });
  const view = joined(
    [
      '2026-01',
      {
        reporters: [reporter({ domain: 'b.example' }), reporter({ reporter: 'z.example' })],
        apart: [apart('b.example', 1, '2026-01-02T00:00:00Z'), apart(null, 1, '2026-01-01T00:00:00Z')],
      },
    ],
    [
      '2026-02',
      {
        reporters: [reporter({ domain: 'a.example' })],
        apart: [apart('a.example', 1, '2026-01-01T00:00:00Z'), apart('b.example', 2, '2026-01-01T00:00:00Z')],
      },
    ],
  );
  assert.deepEqual(
    view.reporters.map(({ domain, reporter: name }) => `${domain} ${name}`),
    ['a.example r.example', 'b.example r.example', 'example.com z.example'],
  );
  assert.deepEqual(
    view.apart.map(({ domain, reports, last_received_at }) => [domain, reports, last_received_at]),
    [
      ['a.example', 1, '2026-01-01T00:00:00Z'],
      ['b.example', 3, '2026-01-02T00:00:00Z'],
      [null, 1, '2026-01-01T00:00:00Z'],
    ],
  );
});
