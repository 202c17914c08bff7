import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { certificateBundle } from '#scripts/standards/certificate-bundle.ts';
import { integer, oid, sequence, tlv } from '../fakes/der.ts';

const SET = 0x31;
const [ONE, TWO] = [sequence(integer('01')), sequence(integer('02'), integer('03'))];
/** As `openssl crl2pkcs7 -nocrl` writes it. */
const bundle = (...certificates: readonly Uint8Array[]): Buffer =>
  sequence(
    oid('1.2.840.113549.1.7.2'),
    tlv(
      0xa0,
      sequence(integer('01'), tlv(SET), sequence(oid('1.2.840.113549.1.7.1')), tlv(0xa0, ...certificates), tlv(SET)),
    ),
  );

test('the certificates of a certs-only message, in order (RFC 5652 §5.1)', () => {
  assert.deepEqual(certificateBundle(bundle(ONE, TWO)).map(Buffer.from), [ONE, TWO]);
  assert.deepEqual(certificateBundle(bundle()), []);
  assert.equal(certificateBundle(bundle(...Array.from({ length: 500 }, () => ONE))).length, 20);
});

test('what is none holds none, whatever the bytes', () => {
  assert.deepEqual(certificateBundle(ONE), []);
  assert.deepEqual(certificateBundle(sequence(oid('1.2.840.113549.1.7.1'), tlv(0xa0, sequence(ONE)))), []);
  const whole = bundle(ONE, TWO);
  for (let end = 0; end < whole.length; end += 1) assert.deepEqual(certificateBundle(whole.subarray(0, end)), []);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => certificateBundle(bytes).length <= 20));
});
