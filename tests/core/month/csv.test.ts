import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cell, csvText } from '#scripts/core/month/csv.ts';

test('cells as RFC 4180 §2 writes them, and none a spreadsheet calculates', () => {
  const table: readonly (readonly [cell: Cell, written: string])[] = [
    ['example.com', 'example.com'],
    [0, '0'],
    [-3, '-3'],
    [null, ''],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("https://evil.example")', `"'=HYPERLINK(""https://evil.example"")"`],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+49 30', "'+49 30"],
    ['-1', "'-1"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
  ];
  for (const [cell, written] of table) assert.equal(csvText(['a'], [[cell]]), `a\r\n${written}\r\n`);
});

test('whatever the cells hold, a reader gets the same number of rows and cells', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 8 }), (rows) => {
      assert.deepEqual(
        parse(csvText(['a', 'b'], rows)).map((row) => row.length),
        [2, ...rows.map(() => 2)],
      );
    }),
  );
});

/** A plain RFC 4180 reader, written apart from the writer. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\r' && text[i + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      i++;
    } else cell += c;
  }
  return rows;
}
