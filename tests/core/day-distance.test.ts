import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { daysAway, distanceWords, leftWords } from '#scripts/core/day-distance.ts';

const NOW = '2026-11-21T06:00:00Z' as Instant;

test('a distance counts days of the calendar, whatever the hour', () => {
  const rows: readonly (readonly [at: string, days: number, distance: string, left: string])[] = [
    ['2026-11-21T23:59:59Z', 0, 'today', 'it ends today'],
    ['2026-11-21T05:59:59Z', 0, 'today', 'it ends today'],
    ['2026-11-22T00:00:00Z', 1, 'in 1 day', '1 day is left'],
    ['2026-12-04T02:00:00Z', 13, 'in 13 days', '13 days are left'],
    ['2026-12-04T23:00:00Z', 13, 'in 13 days', '13 days are left'],
    ['2030-01-01T00:00:00Z', 1137, 'in 1,137 days', '1,137 days are left'],
    ['2026-11-20T23:00:00Z', -1, '1 day ago', 'it ends today'],
    ['2026-11-17T02:00:00Z', -4, '4 days ago', 'it ends today'],
  ];
  for (const [at, days, distance, left] of rows)
    assert.deepEqual(
      [daysAway(at as Instant, NOW), distanceWords(at as Instant, NOW), leftWords(at as Instant, NOW)],
      [days, distance, left],
      at,
    );
});
