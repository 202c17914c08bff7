import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  parseTlsaRdata,
  parseTlsaText,
  renderTlsaRecord,
  type TlsaRecord,
  tlsaOwnerName,
  tlsaUsability,
} from '#scripts/standards/tlsa-record.ts';
import { faultsOf, good } from './vectors.ts';

const SHA256 = 'ab'.repeat(32);
const SHA512 = 'cd'.repeat(64);

test('RFC 6698 §2.2 presentation', () => {
  const wanted = { usage: 3, selector: 1, matching_type: 1, data: SHA256 };
  const table = [
    `3 1 1 ${SHA256}`,
    `3 1 1 ${SHA256.toUpperCase()}`,
    `  3\t1 1   ${SHA256.slice(0, 32)} ${SHA256.slice(32)}\n`,
    `DANE-EE SPKI SHA2-256 ${SHA256}`,
    `003 01 1 ${SHA256}`,
  ];
  for (const text of table) assert.deepEqual(good(parseTlsaText(text)), wanted, text);
  assert.deepEqual(good(parseTlsaText('255 255 255 00')), {
    usage: 255,
    selector: 255,
    matching_type: 255,
    data: '00',
  });
});

test('what is no TLSA record, all faults at once', () => {
  const table: readonly (readonly [string, ...string[]])[] = [
    ['', 'tlsa-usage', 'tlsa-selector', 'tlsa-matching-type', 'tlsa-data'],
    ['3 1 1', 'tlsa-data'],
    ['3 1 1 abc', 'tlsa-data'],
    ['3 1 1 xyz0', 'tlsa-data'],
    ['3 1 256 ab', 'tlsa-matching-type'],
    ['-3 1 1 ab', 'tlsa-usage'],
    ['SPKI DANE-EE 1 ab', 'tlsa-usage', 'tlsa-selector'],
    [`3 1 0 ${'ab'.repeat(65_533)}`, 'tlsa-data'],
    [' '.repeat(1_000_000), 'tlsa-data'],
  ];
  for (const [text, ...wanted] of table) assert.deepEqual(faultsOf(parseTlsaText(text)), wanted, text.slice(0, 40));
});

test('RFC 6698 §2.1 wire form', () => {
  assert.deepEqual(good(parseTlsaRdata(new Uint8Array([3, 1, 1, 0xab, 0x0f]))), {
    usage: 3,
    selector: 1,
    matching_type: 1,
    data: 'ab0f',
  });
  assert.deepEqual(faultsOf(parseTlsaRdata(new Uint8Array([3, 1, 1]))), ['tlsa-short']);
  assert.deepEqual(faultsOf(parseTlsaRdata(new Uint8Array(0))), ['tlsa-short']);
  assert.deepEqual(faultsOf(parseTlsaRdata(new Uint8Array(65_536))), ['tlsa-data']);
});

test('usability for SMTP: RFC 6698 §4.1, RFC 7672 §3.1', () => {
  const table: readonly (readonly [string, string])[] = [
    [`3 1 1 ${SHA256}`, 'usable'],
    [`3 0 1 ${SHA256}`, 'usable'],
    [`2 1 1 ${SHA256}`, 'usable'],
    [`2 0 1 ${SHA256}`, 'usable'],
    [`3 1 2 ${SHA512}`, 'usable'],
    // RFC 7671 §10.1.2
    ['3 1 0 3059', 'usable tlsa-full'],
    ['2 0 0 3082', 'usable tlsa-full'],
    ['3 1 0 ab', 'tlsa-full'],
    // RFC 7672 §3.1.3
    [`0 0 1 ${SHA256}`, 'tlsa-pkix'],
    [`1 1 1 ${SHA256}`, 'tlsa-pkix'],
    [`4 1 1 ${SHA256}`, 'tlsa-usage'],
    [`3 2 1 ${SHA256}`, 'tlsa-selector'],
    [`3 1 9 ${SHA256}`, 'tlsa-matching-type'],
    [`3 1 1 ${SHA256.slice(2)}`, 'tlsa-length'],
    [`3 1 1 ${SHA512}`, 'tlsa-length'],
    [`3 1 2 ${SHA256}`, 'tlsa-length'],
  ];
  for (const [text, wanted] of table) {
    const usability = tlsaUsability(good(parseTlsaText(text)));
    const said = usability.usable
      ? ['usable', ...usability.lints.map(({ code }) => code)].join(' ')
      : usability.fault.code;
    assert.equal(said, wanted, text);
  }
});

test('the owner name (RFC 7672 §2.2.3)', () => {
  assert.equal(tlsaOwnerName('mx1.example.com'), '_25._tcp.mx1.example.com');
});

test('parse ∘ render is the identity, and text and wire form say the same', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(byte, byte, byte, fc.uint8Array({ minLength: 1, maxLength: 80 }), (usage, selector, type, data) => {
      const record: TlsaRecord = good(parseTlsaRdata(new Uint8Array([usage, selector, type, ...data])));
      assert.deepEqual(good(parseTlsaText(renderTlsaRecord(record))), record);
      tlsaUsability(record);
    }),
  );
});

test('any text and any bytes give a value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, rdata) => {
      parseTlsaText(text);
      parseTlsaRdata(rdata);
    }),
  );
});
