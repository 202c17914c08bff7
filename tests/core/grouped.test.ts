import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped } from '#scripts/core/grouped.ts';

test('whole numbers are grouped by thousands, as English writes them', () => {
  for (const whole of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, -999, -1000, -1_234_567])
    assert.equal(grouped(whole), whole.toLocaleString('en'));
});
