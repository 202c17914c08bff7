import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRfc3339, readDateTime } from '#scripts/standards/date-time.ts';

test('RFC 3339 §5.6 moments, in UTC with whole seconds', () => {
  const table: readonly (readonly [string, string, ...string[]])[] = [
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['2026-03-01t00:00:00z', '2026-03-01T00:00:00Z'],
    ['2026-03-01T23:59:59.999Z', '2026-03-01T23:59:59Z'],
    ['2026-03-01T00:00:00+00:00', '2026-03-01T00:00:00Z'],
    ['2026-03-01T00:00:00-00:00', '2026-03-01T00:00:00Z'],
    ['2026-03-01T01:00:00+01:00', '2026-03-01T00:00:00Z', 'offset'],
    ['2026-02-28T19:00:00-05:00', '2026-03-01T00:00:00Z', 'offset'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['2026-12-31T24:00:00Z', '2027-01-01T00:00:00Z', 'hour-24'],
    ['2026-12-31T23:59:60Z', '2026-12-31T23:59:59Z', 'leap-second'],
    // Outside RFC 3339, and read
    ['2026-03-01T00:00:00', '2026-03-01T00:00:00Z', 'no-offset'],
    ['2026-03-01 00:00:00Z', '2026-03-01T00:00:00Z', 'date-form'],
    ['2026-03-01T01:00:00+0100', '2026-03-01T00:00:00Z', 'date-form', 'offset'],
  ];
  for (const [text, instant, ...repairs] of table) assert.deepEqual(readDateTime(text), { instant, repairs }, text);
});

test('what names no moment', () => {
  const table = [
    '',
    'last tuesday',
    '2026-03-01',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-03-01T24:00:01Z',
    '2026-03-01T25:00:00Z',
    '2026-03-01T00:60:00Z',
    '2026-03-01T00:00:61Z',
    '2026-03-01T00:00:00+24:00',
    '2026-03-01T00:00:00+01:60',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00+01:00',
    '9999-12-31T24:00:00Z',
    '+002026-03-01T00:00:00Z',
    '2026-03-01T00:00:00Zjunk',
    ' 2026-03-01T00:00:00Z',
    '٢٠٢٦-03-01T00:00:00Z',
  ];
  for (const text of table) assert.equal(readDateTime(text), null, text);
});

test('the letter of RFC 3339 is narrower than what is read', () => {
  for (const text of ['2026-03-01T00:00:00Z', '2026-03-01t00:00:00.5z', '2026-03-01T00:00:00+01:00']) {
    assert.ok(isRfc3339(text), text);
  }
  for (const text of ['2026-03-01T00:00:00', '2026-03-01 00:00:00Z', '2026-03-01T00:00:00+0100', 'yesterday']) {
    assert.ok(!isRfc3339(text), text);
  }
});

test('a moment written at any offset is the same moment', () => {
  const seconds = fc.integer({ min: 86_400, max: 253_402_214_399 });
  const offsets = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  fc.assert(
    fc.property(seconds, offsets, (epoch, minutes) => {
      const utc = `${new Date(epoch * 1000).toISOString().slice(0, 19)}Z`;
      assert.deepEqual(readDateTime(utc), { instant: utc, repairs: [] });
      const local = new Date((epoch + minutes * 60) * 1000).toISOString().slice(0, 19);
      const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
      const size = Math.abs(minutes);
      const written = `${local}${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
      assert.equal(readDateTime(written)?.instant, utc, written);
    }),
  );
});
