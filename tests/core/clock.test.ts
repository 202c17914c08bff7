import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addDays,
  type Day,
  dayOf,
  daysBetween,
  daysFrom,
  epochMs,
  instantOf,
  isWeekend,
  parseDay,
  parseInstant,
} from '#scripts/core/clock.ts';

test('an RFC 3339 date-time becomes an instant in UTC, anything else null', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['2026-11-21T06:00:00Z', '2026-11-21T06:00:00Z'],
    ['2026-11-21T06:00:00+02:00', '2026-11-21T04:00:00Z'],
    ['2026-11-21T06:00:00.987Z', '2026-11-21T06:00:00Z'],
    ['2026-11-21t06:00:00z', '2026-11-21T06:00:00Z'],
    ['2026-11-21T06:00:00', null],
    ['2026-11-21', null],
    ['2026-13-01T00:00:00Z', null],
    ['2026-02-30T00:00:00Z', null],
    ['yesterday', null],
  ];
  for (const [text, instant] of table) assert.equal(parseInstant(text), instant, text);
});

test('a day is a day of the calendar', () => {
  assert.equal(parseDay('2024-02-29'), '2024-02-29');
  for (const text of ['2023-02-29', '2026-2-1', '2026-00-10', '']) assert.equal(parseDay(text), null, text);
});

test('days add up, over months, leap days and back', () => {
  const days = fc.integer({ min: -20_000, max: 40_000 }).map((n) => dayOf(instantOf(n * 86_400_000)));
  fc.assert(
    fc.property(days, fc.integer({ min: -2000, max: 2000 }), (day, n) => {
      assert.equal(daysBetween(day, addDays(day, n)), n);
      assert.equal(addDays(addDays(day, n), -n), day);
      if (n >= 0 && n < 50) assert.equal(daysFrom(day, addDays(day, n)).length, n + 1);
    }),
  );
  assert.deepEqual(daysFrom('2026-03-02' as Day, '2026-03-01' as Day), []);
});

test('an instant and its milliseconds are the same moment', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      assert.equal(epochMs(instantOf(seconds * 1000)), seconds * 1000);
    }),
  );
});

test('weekends, as the calendar has them', () => {
  for (let day = parseDay('1999-12-25'), left = 1500; day !== null && left > 0; day = addDays(day, 1), left--)
    assert.equal(isWeekend(day), [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()), day);
});

test('property: days are counted as the calendar does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -200_000, max: 1_000_000 }),
      fc.integer({ min: -5000, max: 5000 }),
      (number, more) => {
        const text = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
        if (text(number).length > 10 || text(number + more).length > 10) return;
        const day = text(number) as Day;
        assert.equal(addDays(day, more), text(number + more));
        assert.equal(daysBetween(day, text(number + more) as Day), more);
      },
    ),
  );
});
