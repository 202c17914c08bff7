import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Day, Instant } from '#scripts/core/clock.ts';
import {
  before,
  daySpan,
  duration,
  instantText,
  inWords,
  list,
  longDay,
  nearDay,
  number,
  successShare,
  withDays,
} from '#site/shared/view-models/words.ts';

const NOW = '2026-11-21T06:00:00Z' as Instant;

test('a share is rounded down, so that a failure always shows', () => {
  const shares: readonly (readonly [successful: number, failed: number, text: string | null])[] = [
    [0, 0, null],
    [10, 0, '100 %'],
    [0, 10, '0 %'],
    [999_999, 1, '99.99 %'],
    [9_999_999, 1, '99.99 %'],
    [999, 1, '99.90 %'],
    [998, 2, '99.8 %'],
    [2, 1, '66.6 %'],
  ];
  for (const [successful, failed, text] of shares) {
    assert.equal(
      successShare(successful, failed),
      text?.replaceAll(' ', '\u00a0') ?? null,
      `${successful} and ${failed}`,
    );
  }
});

test('no failure, and only that, reads 100 %', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), (successful, failed) => {
      assert.ok(!successShare(successful, failed)?.startsWith('100'));
    }),
  );
});

test('numbers, days and times do not depend on the machine', () => {
  assert.equal(number(0), '0');
  assert.equal(number(999), '999');
  assert.equal(number(1_234_567), '1,234,567');
  assert.equal(longDay('2026-01-05' as Day), '5 January 2026');
  assert.equal(nearDay('2026-12-03' as Day, NOW), '3 December');
  assert.equal(nearDay('2027-01-03' as Day, NOW), '3 January 2027');
  assert.equal(daySpan('2026-08-24' as Day, '2026-11-20' as Day), '24 August to 20 November 2026');
  assert.equal(daySpan('2025-12-24' as Day, '2026-01-20' as Day), '24 December 2025 to 20 January 2026');
  assert.equal(daySpan('2026-11-20' as Day, '2026-11-20' as Day), '20 November 2026');
  assert.equal(instantText(NOW), '21 November 2026, 06:00 UTC');
});

test('how long ago, in whole units', () => {
  const moments: readonly (readonly [string, string])[] = [
    ['2026-11-21T05:59:30Z', 'less than a minute before'],
    ['2026-11-21T05:59:00Z', '1 minute before'],
    ['2026-11-21T04:12:00Z', '1 hour before'],
    ['2026-11-19T07:00:00Z', '47 hours before'],
    ['2026-11-18T06:00:00Z', '3 days before'],
  ];
  for (const [moment, text] of moments) assert.equal(before(moment as Instant, NOW), text);
});

test('max_age as a person says it', () => {
  const ages: readonly (readonly [number, string])[] = [
    [0, '0 seconds'],
    [600, '600 seconds'],
    [3_600, '1 hour'],
    [86_400, '1 day'],
    [604_800, '7 days'],
    [31_557_600, 'about 365 days'],
  ];
  for (const [seconds, text] of ages) assert.equal(duration(seconds), text);
});

test('lists and small numbers read as a sentence', () => {
  assert.equal(list([]), '');
  assert.equal(list(['a']), 'a');
  assert.equal(list(['a', 'b', 'c']), 'a, b and c');
  assert.equal(inWords(3), 'three');
  assert.equal(inWords(1_312), '1,312');
});

test('days within our own sentences are written out, and nothing else is touched', () => {
  assert.equal(
    withDays('Enforce possible from 2026-12-03: 3 of 14.', NOW),
    'Enforce possible from 3 December: 3 of 14.',
  );
  assert.equal(withDays('since 2025-12-03', NOW), 'since 3 December 2025');
  assert.equal(withDays('sound at 2026-11-21T03:17:00Z.', NOW), 'sound at 21 November, 03:17 UTC.');
  assert.equal(withDays('since 2025-12-03T23:59:59.250Z', NOW), 'since 3 December 2025, 23:59 UTC');
  assert.equal(
    withDays('id 20261203000000, part 2026-13-01, x2026-12-03', NOW),
    'id 20261203000000, part 2026-13-01, x2026-12-03',
  );
});
