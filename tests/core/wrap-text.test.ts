import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wrapText } from '#scripts/core/wrap-text.ts';

test('lines break at blanks, with one beginning for the first and another for the rest', () => {
  assert.deepEqual(wrapText('one two three', 80), ['one two three']);
  assert.deepEqual(wrapText('one two three', 9, '- ', '  '), ['- one two', '  three']);
  assert.deepEqual(wrapText('abcdefgh', 5, '> '), ['> abc', '> def', '> gh']);
  assert.deepEqual(wrapText('', 10, 'x'), ['x']);
});

test('property: no line is too wide, and no character is lost', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 10, max: 60 }), (text, width) => {
      const lines = wrapText(text, width, '  ');
      for (const line of lines) assert.ok(line.length <= width);
      const bare = (some: string) => some.replaceAll(' ', '');
      assert.equal(bare(lines.map((line) => line.slice(2)).join('')), bare(text));
    }),
  );
});
