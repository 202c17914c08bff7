import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase, quoted } from '#scripts/io/store/duckdb.ts';
import type { PartFile } from '#scripts/io/store/part-files.ts';
import { checkParts } from '#scripts/io/store/readable-parts.ts';

const CONTENTS: Readonly<Record<string, string>> = {
  whole: "SELECT 1 AS a, 'x' AS b",
  more: "SELECT [{'z': 1}] AS before, 1 AS a, 'x' AS b, {'y': 2} AS after",
  // The name is there, but only inside of another column, as the counts of a report and of its details have one name.
  within: "SELECT 1 AS a, {'b': 'x'} AS c",
  'within-list': "SELECT [{'c': [1], 'b': 'x'}] AS d, 1 AS a",
  'no-rows': "SELECT 1 AS a, 'x' AS b WHERE false",
};
const LACKS = 'It lacks the columns b.';

/** What is said of each of these files, checked together. */
async function checked(names: readonly string[], bytes: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-parts-'));
  const { connection, close } = await openDatabase();
  try {
    const parts: PartFile[] = [];
    for (const name of [...names, ...Object.keys(bytes)]) {
      const path = join(folder, `${name}.parquet`);
      const text = bytes[name];
      if (text !== undefined) writeFileSync(path, text);
      else await connection.run(`COPY (${CONTENTS[name]}) TO ${quoted(path)} (FORMAT parquet)`);
      parts.push({ path, month: '2026-11', digest: null });
    }
    const { readable, unreadable } = await checkParts(connection, folder, parts, ['a', 'b']);
    return {
      readable: readable.map(({ path }) => path.slice(folder.length + 1, -'.parquet'.length)),
      unreadable: Object.fromEntries(unreadable.map(({ file, message }) => [file.replace('.parquet', ''), message])),
    };
  } finally {
    close();
    rmSync(folder, { recursive: true });
  }
}

test('a column that only stands inside of another one is missing, whichever files are checked together', async () => {
  const all = Object.keys(CONTENTS);
  for (const names of [all, all.toReversed(), ...all.map((name) => [name])]) {
    const { readable, unreadable } = await checked(names);
    assert.deepEqual(
      readable,
      names.filter((name) => !name.startsWith('within')),
    );
    assert.deepEqual(
      unreadable,
      Object.fromEntries(names.filter((name) => name.startsWith('within')).map((name) => [name, LACKS])),
    );
  }
});

test('one file that is none leaves the others as they are', async () => {
  const { readable, unreadable } = await checked(['whole', 'within', 'more'], { none: 'not a table' });
  assert.deepEqual(readable, ['whole', 'more']);
  assert.deepEqual(Object.keys(unreadable).sort(), ['none', 'within']);
  assert.equal(unreadable['within'], LACKS);
});
