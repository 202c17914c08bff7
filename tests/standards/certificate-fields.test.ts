import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { certificateFields } from '#scripts/standards/certificate-fields.ts';
import { derAt, derChildren, derTime } from '#scripts/standards/der.ts';
import { parseRevocationList } from '#scripts/standards/revocation-list.ts';
import { createPki } from '../fakes/pki.ts';

const NOW = Date.parse('2026-11-21T06:00:00Z');
const pki = createPki(NOW);
const root = pki.certificate({ name: 'Root', ca: true, to: 3650 });

test('names and addresses are read from the extensions (RFC 5280 §4.2)', () => {
  const { der } = pki.certificate({
    name: 'mx1.example.com',
    issuer: root,
    dns: ['mx1.example.com', '*.example.com'],
    aia: 'http://ca.example/root.der',
    crl: 'http://ca.example/root.crl',
  });
  assert.deepEqual(certificateFields(der), {
    dnsNames: ['mx1.example.com', '*.example.com'],
    issuers: ['http://ca.example/root.der'],
    revocationLists: ['http://ca.example/root.crl'],
  });
  assert.deepEqual(certificateFields(root.der), { dnsNames: [], issuers: [], revocationLists: [] });
});

test('a revocation list tells what is on it and until when it holds (RFC 5280 §5)', () => {
  const list = parseRevocationList(pki.revocationList(root, ['0a1b', 'ff00'], 7));
  assert.equal(list?.nextUpdate, NOW + 7 * 86_400_000);
  assert.equal(list?.thisUpdate, NOW - 86_400_000);
  // With or without a leading zero, in any case: a serial is a number.
  for (const serial of ['0a1b', 'A1B', '000A1B', 'FF00', '00ff00'])
    assert.equal(list?.revokedAt(serial), NOW - 86_400_000);
  for (const serial of ['a1b0', '1b', '']) assert.equal(list?.revokedAt(serial), null);
  assert.equal(parseRevocationList(pki.revocationList(root, []))?.revokedAt('0a1b'), null);
  assert.equal(parseRevocationList(root.der), null);
});

test('any bytes are read without a throw, and cut ones tell less but never something else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      certificateFields(bytes);
      parseRevocationList(bytes);
      [...derChildren(bytes)].map(derTime);
    }),
  );
  const { der } = pki.certificate({ name: 'a.example', issuer: root, dns: ['a.example'] });
  for (let length = 0; length < der.length; length += 1) {
    const { dnsNames } = certificateFields(der.subarray(0, length));
    assert.deepEqual(dnsNames, [], `${length}`);
  }
});

test('lengths that lie are no values (X.690 §8.1.3)', () => {
  for (const bytes of [[0x30], [0x30, 0x80], [0x30, 0x05, 0x00], [0x30, 0x85, 1, 1, 1, 1, 1], [0x1f, 0x01, 0x00]])
    assert.equal(derAt(new Uint8Array(bytes)), null, `${bytes}`);
});
