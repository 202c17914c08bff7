import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPieces } from '#scripts/cli/json-pieces.ts';

test('the pieces are the lines of the document', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.array(fc.jsonValue())), (value, lists) => {
      for (const document of [value, { ...lists, value }, { list: [value, undefined, 'a\nb'], none: undefined }])
        assert.equal([...jsonPieces(document)].join('\n'), JSON.stringify(document, null, 2));
    }),
  );
});

test('a long list comes in many pieces, none of which is much longer than it may be', () => {
  const document = { rows: Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'x\n"y"' })), last: [] };
  const pieces = [...jsonPieces(document)];
  assert.ok(pieces.length > 10 && pieces.every(({ length }) => length < 70_000));
  assert.equal(pieces.join('\n'), JSON.stringify(document, null, 2));
});
