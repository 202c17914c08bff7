import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { sha256Hex } from '#scripts/standards/sha-256.ts';

suite('SHA-256 (FIPS 180-4)', () => {
  test('the examples of the standard', () => {
    assert.equal(sha256Hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('is what OpenSSL says, at every length around a block', () => {
    for (let length = 0; length < 200; length++) same('x'.repeat(length));
    same('x'.repeat(100_000));
  });

  test('is what OpenSSL says of any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), same), { numRuns: 300 });
  });
});

function same(text: string): void {
  assert.equal(sha256Hex(text), createHash('sha256').update(text, 'utf8').digest('hex'));
}
