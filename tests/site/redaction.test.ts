import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redaction, WITHHELD } from '#site/shared/view-models/redaction.ts';

const withheld: readonly string[] = [
  '192.0.2.1',
  '2001:db8::25',
  '::1',
  'fe80::1',
  '::ffff:192.0.2.1',
  '2001:db8:0:1:2:3:4:5',
  'person@example.com',
  'first.last+tag@sub.example.com',
  'person@example.c…',
  '192.0.2…',
];
const kept: readonly string[] = [
  'mx1.example.com',
  'at 12:30 on 2026-11-20',
  'version 1.2.3',
  'sha256 aa:bb',
  'TLS 1.3',
  'example.com: 12 of 340 sts sessions failed.',
];

test('addresses of machines and people are withheld', () => {
  const { text } = redaction(true);
  for (const address of withheld) {
    assert.equal(text(`from ${address} seen`, 200), `from ${WITHHELD} seen`, address);
    assert.equal(text(`(${address})`, 200), `(${WITHHELD})`, address);
  }
});

test('what is no address stays', () => {
  const { text } = redaction(true);
  for (const words of kept) assert.equal(text(words, 200), words);
});

test('nothing is withheld on a site that is not redacted, and hidden characters show on either', () => {
  for (const on of [true, false]) assert.equal(redaction(on).text('a\u202Eb\u0007', 200), 'a<U+202E>b␇');
  for (const address of withheld) assert.equal(redaction(false).text(address, 200), address);
});

test('an address is withheld before the text is cut', () => {
  const long = `${'x'.repeat(90)} 192.0.2.1 and more`;
  assert.doesNotMatch(redaction(true).text(long, 98), /192/);
});
