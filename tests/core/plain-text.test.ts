import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainText } from '#scripts/core/plain-text.ts';

test('what a terminal would obey or hide becomes visible', () => {
  const table: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['ordinary text', 'mx1.example.com: 3 of 4', 'mx1.example.com: 3 of 4'],
    ['other scripts', 'Почта, メール', 'Почта, メール'],
    ['escape sequences', '\u001b[31mred\u001b[0m \u001b]0;owned\u0007', '␛[31mred␛[0m ␛]0;owned␇'],
    ['C1 controls', 'a\u009b31mb', 'a<U+009B>31mb'],
    ['line ends and tabs', 'a\r\nb\tc', 'a  b c'],
    ['NUL and DEL', 'a\u0000b\u007f', 'a␀b␡'],
    ['bidirectional overrides', 'moc.\u202eelpmaxe', 'moc.<U+202E>elpmaxe'],
    ['isolates', '\u2066x\u2069', '<U+2066>x<U+2069>'],
    ['zero-width characters', 'pay\u200bpal\ufeff', 'pay<U+200B>pal<U+FEFF>'],
    ['line separators', 'a\u2028b\u2029c', 'a<U+2028>b<U+2029>c'],
    ['tags', 'a\u{e0041}', 'a<U+E0041>'],
    ['fillers that print as nothing', '\u3164\u2800', '<U+3164><U+2800>'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ];
  for (const [what, text, shown] of table) assert.equal(plainText(text, 200), shown, what);
});

test('the length is bounded, and an escape is kept or dropped whole', () => {
  assert.equal(plainText('abcdef', 6), 'abcdef');
  assert.equal(plainText('abcdefg', 6), 'abcde…');
  assert.equal(plainText('ab\u202e', 6), 'ab…');
  assert.equal(plainText('😀😀😀', 4), '😀…');
  assert.equal(plainText('anything', 0), '');
});

test('property: any text comes out bounded, on one line, and is left alone the second time', () => {
  const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(80), (text, max) => {
      const shown = plainText(text, max);
      assert.ok(shown.length <= max);
      assert.doesNotMatch(shown, unsafe);
      assert.equal(plainText(shown, max), shown);
    }),
  );
});
