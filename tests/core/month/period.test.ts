import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '#scripts/core/clock.ts';
import {
  firstDay,
  freezableFrom,
  lastDay,
  type Month,
  monthBefore,
  monthsDue,
  newestFreezable,
  nextMonth,
  parseMonth,
} from '#scripts/core/month/period.ts';

const month = (text: string) => text as Month;

suite('months', () => {
  test('what is a month and what is not', () => {
    for (const good of ['2026-01', '2026-12', '1999-10']) assert.equal(parseMonth(good), good);
    for (const bad of ['2026-13', '2026-00', '2026-1', '2026-W47', '2026-10-01', '', ' 2026-10'])
      assert.equal(parseMonth(bad), null, bad);
  });

  test('first and last day, over leap years and the end of a year', () => {
    assert.deepEqual([firstDay(month('2024-02')), lastDay(month('2024-02'))], ['2024-02-01', '2024-02-29']);
    assert.equal(lastDay(month('2026-02')), '2026-02-28');
    assert.equal(nextMonth(month('2026-12')), '2027-01');
    assert.equal(monthBefore(month('2027-01')), '2026-12');
  });

  test('before and after are inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 2200 }), fc.integer({ min: 1, max: 12 }), (year, number) => {
        const one = month(`${year}-${String(number).padStart(2, '0')}`);
        assert.equal(monthBefore(nextMonth(one)), one);
      }),
    );
  });

  test('a month is frozen once the reports of its last day can have arrived (RFC 8460 §4.1, §5.5)', () => {
    assert.equal(freezableFrom(month('2026-10')), '2026-11-03');
    assert.equal(newestFreezable('2026-11-02T23:59:59Z' as Instant), '2026-09');
    assert.equal(newestFreezable('2026-11-03T00:00:00Z' as Instant), '2026-10');
  });

  test('a month without any run: the next one freezes all that are due, in order', () => {
    const now = '2026-11-25T06:00:00Z' as Instant;
    const due = (frozen: readonly string[], withRows: readonly string[]) =>
      monthsDue({ frozen: frozen.map(month), withRows: new Set(withRows.map(month)), now });
    assert.deepEqual(due([], []), []);
    assert.deepEqual(due([], ['2026-11']), []);
    assert.deepEqual(due([], ['2026-08', '2026-09', '2026-10', '2026-11']), ['2026-08', '2026-09', '2026-10']);
    assert.deepEqual(due([], ['2016-04', '2026-09', '2026-10']), ['2026-09', '2026-10']);
    assert.deepEqual(due(['2026-08'], []), ['2026-09', '2026-10']);
    assert.deepEqual(due(['2026-10', '2026-09'], ['2026-08']), []);
  });
});
