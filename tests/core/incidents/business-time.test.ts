import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Day, type Instant, instantOf } from '#scripts/core/clock.ts';
import type { BusinessHours } from '#scripts/core/config/types.ts';
import { localTime, workingTime, zonedMs } from '#scripts/core/incidents/business-time.ts';

const BERLIN: BusinessHours = {
  time_zone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '17:00',
  holidays: ['2026-12-25' as Day],
};
const at = (text: string) => text as Instant;

test('a local time is the moment that clocks on the wall show', () => {
  const rows: readonly (readonly [day: string, time: string, zone: string, utc: string])[] = [
    ['2026-11-23', '09:00', 'Europe/Berlin', '2026-11-23T08:00:00Z'],
    ['2026-07-01', '09:00', 'Europe/Berlin', '2026-07-01T07:00:00Z'],
    // 02:00 → 03:00: half past two does not exist, and is read with the offset before.
    ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    // 03:00 → 02:00: it comes twice, and the first one counts.
    ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['2026-11-23', '09:00', 'Asia/Kathmandu', '2026-11-23T03:15:00Z'],
    ['2026-11-23', '09:00', 'Pacific/Kiritimati', '2026-11-22T19:00:00Z'],
    // Samoa had no 30 December 2011 at all.
    ['2011-12-31', '09:00', 'Pacific/Apia', '2011-12-30T19:00:00Z'],
  ];
  for (const [day, time, zone, utc] of rows)
    assert.equal(instantOf(zonedMs(day as Day, time, zone)), utc, `${day} ${time} ${zone}`);
  assert.equal(localTime(at('2026-07-01T07:00:00Z'), 'Europe/Berlin'), '2026-07-01 09:00');
});

test('working hours pass only while people work', () => {
  const working = workingTime(BERLIN);
  const rows: readonly (readonly [from: string, hours: number, until: string])[] = [
    ['2026-11-23T08:00:00Z', 4, '2026-11-23T12:00:00Z'],
    // Friday 15:00 local and four hours: two that day, two on Monday.
    ['2026-11-20T14:00:00Z', 4, '2026-11-23T10:00:00Z'],
    // Saturday.
    ['2026-11-21T06:00:00Z', 4, '2026-11-23T12:00:00Z'],
    // Thursday 24 December 16:00 local; Friday is a holiday.
    ['2026-12-24T15:00:00Z', 4, '2026-12-28T11:00:00Z'],
  ];
  // One hour is left on Friday; Monday begins an hour later in UTC.
  assert.equal(working.after(at('2026-10-23T14:00:00Z'), 2), '2026-10-26T09:00:00Z');
  for (const [from, hours, until] of rows) assert.equal(working.after(at(from), hours), until, from);
});

test('whether it is open, and the end of a working day', () => {
  const working = workingTime(BERLIN);
  assert.equal(working.isOpen(at('2026-11-23T07:59:59Z')), false);
  assert.equal(working.isOpen(at('2026-11-23T08:00:00Z')), true);
  assert.equal(working.isOpen(at('2026-11-23T16:00:00Z')), false, '17:00 is the end');
  assert.equal(working.isOpen(at('2026-12-25T10:00:00Z')), false, 'a holiday');
  assert.equal(working.endOfDay(at('2026-11-23T10:00:00Z'), 5), '2026-11-30T16:00:00Z');
  assert.equal(
    working.endOfDay(at('2026-12-23T10:00:00Z'), 2),
    '2026-12-28T16:00:00Z',
    'the holiday is no working day',
  );
});

test('time never runs backwards, and working hours add up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
      (ms, first, second, time_zone) => {
        const working = workingTime({ ...BERLIN, time_zone });
        const from = instantOf(ms);
        const middle = working.after(from, first);
        assert.ok(middle >= from);
        assert.equal(working.after(middle, second), working.after(from, first + second));
      },
    ),
    { numRuns: 200 },
  );
});
