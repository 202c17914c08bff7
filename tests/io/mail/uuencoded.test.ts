import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { uuencodedFiles } from '#scripts/io/mail/uuencoded.ts';
import { uuencode } from './report-mail.ts';

const found = (text: string) =>
  uuencodedFiles(Buffer.from(text, 'latin1')).map(({ name, bytes }) => [name, bytes.toString()]);

test('as uuencode(1) writes it, between words, several in one text, cut off, and what is none', () => {
  // printf 'Cat' | uuencode cat.txt
  const cat = 'begin 644 cat.txt\n#0V%T\n`\nend\n';
  const cases: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [cat, [['cat.txt', 'Cat']]],
    [`Hello,\r\nsee below.\r\n\r\n${cat.replaceAll('\n', '\r\n')}\r\nBye\r\n`, [['cat.txt', 'Cat']]],
    [
      `${cat}${cat.replace('cat.txt', 'a b!c.json')}`,
      [
        ['cat.txt', 'Cat'],
        ['a b!c.json', 'Cat'],
      ],
    ],
    ['begin 644 cat.txt\n#0V%T\n', [['cat.txt', 'Cat']]],
    ['begin 644 none\nno line of it: é\nend\n', []],
    ['We begin 644 cats.\n#0V%T\n`\nend\n', []],
    ['begin at once\n', []],
    ['begin 644 x', []],
  ];
  for (const [text, expected] of cases) assert.deepEqual([text, found(text)], [text, expected]);
});

test('any bytes come back, also when spaces at the ends of lines were lost; any text ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), (bytes, trimmed) => {
      const text = uuencode('x.bin', bytes);
      const [file] = uuencodedFiles(Buffer.from(trimmed ? text.replace(/ +$/gm, '') : text));
      assert.deepEqual(file?.bytes, Buffer.from(bytes));
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void uuencodedFiles(Buffer.from(`begin 644 x\n${text}`))));
  const many = Buffer.from('begin 644 x\n'.repeat(2_000_000));
  const started = performance.now();
  assert.deepEqual(uuencodedFiles(many), []);
  assert.ok(performance.now() - started < 5000);
  assert.equal(uuencodedFiles(Buffer.from(uuencode('x.gz', gzipSync('x'.repeat(1e6)))))[0]?.name, 'x.gz');
});
