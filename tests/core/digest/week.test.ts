import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addDays, type Day, type Instant } from '#scripts/core/clock.ts';
import { comparedWithBefore } from '#scripts/core/digest/comparison.ts';
import { lastWeek, mondayOf, parseWeek, sundayOf, weekBefore, weekOf } from '#scripts/core/digest/week.ts';

test('weeks by ISO 8601', () => {
  const rows: readonly (readonly [day: string, week: string])[] = [
    ['2026-11-21', '2026-W47'],
    ['2026-01-01', '2026-W01'],
    ['2025-12-29', '2026-W01'],
    ['2027-01-03', '2026-W53'],
    ['2021-01-03', '2020-W53'],
    ['2024-12-31', '2025-W01'],
  ];
  for (const [day, week] of rows) assert.equal(weekOf(day as Day), week, day);
  assert.equal(parseWeek('2026-W53'), '2026-W53');
  for (const bad of ['2025-W53', '2026-W00', '2026-W54', '2026-47', '2026-w47', '2026-W7'])
    assert.equal(parseWeek(bad), null, bad);
  assert.equal(lastWeek('2026-11-23T00:00:00Z' as Instant), '2026-W47');
  assert.equal(lastWeek('2026-11-22T23:59:59Z' as Instant), '2026-W46');
});

test('every day lies in its week, and weeks follow each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (days) => {
      const day = addDays('1990-01-01' as Day, days);
      const week = weekOf(day);
      assert.equal(parseWeek(week), week);
      assert.ok(mondayOf(week) <= day && day <= sundayOf(week));
      assert.equal(sundayOf(weekBefore(week)), addDays(mondayOf(week), -1));
    }),
  );
});

const count = (failed: number, successful: number, days = 7) => ({ failed, successful, days });

test('a comparison claims no more than the numbers carry', () => {
  const rows: readonly (readonly [ReturnType<typeof count>, ReturnType<typeof count>, RegExp])[] = [
    [count(1, 36), count(0, 41), /too few sessions to tell/],
    [count(3, 20), count(0, 2000), /too few sessions to tell/],
    [count(0, 0), count(3, 400), /nothing is known/],
    [count(3, 400), count(0, 0), /to compare with/],
    [count(0, 30), count(0, 4000), /none failed in the week before either/],
    [count(50, 9950), count(45, 9955), /no clear change$/],
    [count(300, 9700), count(45, 9955), /clearly more failures now$/],
    [count(10, 9990), count(200, 9800), /clearly fewer failures now$/],
    [count(30, 29_970), count(10, 9990), /3\.0 times as many sessions as then$/],
    [count(3, 2997, 3), count(10, 9990, 7), /data on 3 days, 7 the week before/],
  ];
  for (const [now, before, words] of rows)
    assert.match(comparedWithBefore(now, before), words, JSON.stringify([now, before]));
});
