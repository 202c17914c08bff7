import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Database, eachItem, eachRow, openDatabase } from '#scripts/io/store/duckdb.ts';

let database: Database;
before(async () => {
  database = await openDatabase();
});
after(() => database.close());

const ROWS = 1_000_000;
const failingAt = (row: number): string =>
  `SELECT CASE WHEN i = ${row} THEN error('damaged')::INTEGER ELSE i::INTEGER END AS one FROM range(${ROWS}) AS numbers(i)`;

test('every row of a result comes, and none of an empty one', async () => {
  for (const rows of [0, 1, ROWS]) {
    let next = 0;
    await eachRow(database.connection, `SELECT i::INTEGER FROM range(${rows}) AS numbers(i) ORDER BY i`, (cell) => {
      if (cell(0) === next) next += 1;
    });
    assert.equal(next, rows);
  }
});

test('a result that breaks off is no result: at its beginning, in the middle, at its end', async () => {
  for (const row of [0, ROWS / 2, ROWS - 1]) {
    const sql = failingAt(row);
    await assert.rejects(eachRow(database.connection, sql, () => {}));
    const items = `SELECT one, 1 AS two, [1] AS a, [2] AS b, [3] AS c FROM (${sql})`;
    await assert.rejects(eachItem(database.connection, items, () => {}));
  }
  await eachRow(database.connection, 'SELECT 1', (cell) => assert.equal(cell(0), 1));
});
