import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sequenceSet } from '#scripts/io/imap/sequence-set.ts';

test('RFC 9051 §9: neighbours become a range', () => {
  assert.equal(sequenceSet([1]), '1');
  assert.equal(sequenceSet([1, 2, 3, 7]), '1:3,7');
  assert.equal(sequenceSet([4, 6, 7, 4294967295]), '4,6:7,4294967295');
  assert.equal(sequenceSet([]), '');
});

test('a set names exactly its UIDs', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 300 })), (uids) => {
      const sorted = uids.sort((a, b) => a - b);
      const named = sequenceSet(sorted)
        .split(',')
        .filter((part) => part !== '')
        .flatMap((part) => {
          const [from = 0, to = from] = part.split(':').map(Number);
          return Array.from({ length: to - from + 1 }, (_, index) => from + index);
        });
      assert.deepEqual(named, sorted);
    }),
  );
});
