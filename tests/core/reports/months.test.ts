import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinMonths, type MonthFigures, monthsOf, piecesOf } from '#scripts/core/reports/months.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import { dayOf, instantOf } from '../../io/store/stored-rows.ts';

const now = instantOf('2026-03-02T06:00:00Z');

test('the months of a window, each with the part of the window in it', () => {
  const months = monthsOf({ from: dayOf('2025-12-30'), to: dayOf('2026-03-02'), now });
  assert.deepEqual(
    months.map(({ month, window }) => [month, window.from, window.to]),
    [
      ['2025-12', '2025-12-30', '2025-12-31'],
      ['2026-01', '2026-01-01', '2026-01-31'],
      ['2026-02', '2026-02-01', '2026-02-28'],
      ['2026-03', '2026-03-01', '2026-03-02'],
    ],
  );
  assert.deepEqual([months[2]?.calendar.length, months[0]?.calendar[30]], [28, '2025-12-31']);
  assert.deepEqual(monthsOf({ from: dayOf('2026-03-03'), to: dayOf('2026-03-02'), now }), []);
});

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
  ...changes,
});

const month = (changes: Partial<MonthFigures>): MonthFigures => ({
  daily: [],
  failing: [],
  reporters: [],
  apart: [],
  subdomains: [],
  ...changes,
});

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
  assert.deepEqual(joinMonths([month({ reporters: [older] }), month({ reporters: [newer] })]).reporters, [
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
  const joined = joinMonths([
    month({
      reporters: [reporter({ domain: 'b.example' }), reporter({ reporter: 'z.example' })],
      apart: [apart('b.example', 1, '2026-01-02T00:00:00Z'), apart(null, 1, '2026-01-01T00:00:00Z')],
    }),
    month({
      reporters: [reporter({ domain: 'a.example' })],
      apart: [apart('a.example', 1, '2026-01-01T00:00:00Z'), apart('b.example', 2, '2026-01-01T00:00:00Z')],
    }),
  ]);
  assert.deepEqual(
    joined.reporters.map(({ domain, reporter: name }) => `${domain} ${name}`),
    ['a.example r.example', 'b.example r.example', 'example.com z.example'],
  );
  assert.deepEqual(
    joined.apart.map(({ domain, reports, last_received_at }) => [domain, reports, last_received_at]),
    [
      ['a.example', 1, '2026-01-01T00:00:00Z'],
      ['b.example', 3, '2026-01-02T00:00:00Z'],
      [null, 1, '2026-01-01T00:00:00Z'],
    ],
  );
});

test('a window in pieces: every day once, in order, and never more than there are days', () => {
  const window = { from: dayOf('2026-11-01'), to: dayOf('2026-11-10'), now };
  const days = (pieces: number) => piecesOf(window, pieces).map(({ from, to }) => [from.slice(8), to.slice(8)]);
  assert.deepEqual(days(0), [['01', '10']]);
  assert.deepEqual(days(3), [
    ['01', '04'],
    ['05', '08'],
    ['09', '10'],
  ]);
  assert.equal(days(99).length, 10);
});
