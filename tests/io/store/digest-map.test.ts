import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { DigestMap, digestWords, pairDigest } from '#scripts/io/store/digest-map.ts';

test('it holds what a Map holds', () => {
  // Few different digests, many of which share their first word: the worst of luck.
  const digest = fc.tuple(fc.nat(3), fc.nat(500)).map(([a, b]) => `0000000${a}${hash('sha256', String(b)).slice(8)}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(digest, fc.integer({ min: 1, max: 9 })), { maxLength: 3000 }), (entries) => {
      const map = new DigestMap();
      const reference = new Map<string, number>();
      for (const [hex, value] of entries) {
        map.set(digestWords(hex), value);
        reference.set(hex, value);
      }
      const copy = DigestMap.of(structuredClone(map.slots));
      for (const [hex] of entries) {
        assert.equal(map.get(digestWords(hex)), reference.get(hex));
        assert.equal(copy.get(digestWords(hex)), reference.get(hex));
      }
      assert.equal(map.get(digestWords('f'.repeat(64))), 0);
    }),
    { numRuns: 30 },
  );
});

test('a hundred thousand digests, each found again and no other', () => {
  const map = new DigestMap();
  for (let index = 0; index < 100_000; index += 1) map.set(digestWords(hash('sha256', `${index}`)), 1 + (index % 7));
  for (let index = 0; index < 100_000; index += 1) {
    assert.equal(map.get(digestWords(hash('sha256', `${index}`))), 1 + (index % 7));
    assert.equal(map.get(digestWords(hash('sha256', `other ${index}`))), 0);
  }
});

test('a pair of digests is another digest, whichever way round', () => {
  const [a, b] = [digestWords(hash('sha256', 'a')), digestWords(hash('sha256', 'b'))];
  assert.deepEqual(pairDigest(a.slice(), b), pairDigest(b.slice(), a));
  assert.notDeepEqual(pairDigest(a.slice(), b), a);
});

test('raise keeps the greater value and tells what was there', () => {
  const map = new DigestMap();
  const words = digestWords('ab'.repeat(32));
  assert.equal(map.raise(words, 1), 0);
  assert.equal(map.raise(words, 2), 1);
  assert.equal(map.raise(words, 1), 2);
  assert.equal(map.get(words), 2);
});
