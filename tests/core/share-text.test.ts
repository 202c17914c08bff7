import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareText } from '#scripts/core/share-text.ts';

test('none and all are said only of none and all; what lies between is rounded down', () => {
  const shares: readonly (readonly [part: number, whole: number, text: string])[] = [
    [0, 0, 'not known'],
    [0, 9, '0 %'],
    [9, 9, '100 %'],
    [99_999_999, 100_000_000, '99.99 %'],
    [1, 100_000_000, 'less than 0.01 %'],
    [1, 3, '33.3 %'],
    [5, 10_000, '0.05 %'],
    [1, 1000, '0.1 %'],
    [998, 1000, '99.8 %'],
    [999, 1000, '99.90 %'],
  ];
  for (const [part, whole, text] of shares) assert.equal(shareText(part, whole), text, `${part} of ${whole}`);
});
