import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BELIEVED_SQL } from '#scripts/core/reports/acceptance.ts';
import { FIGURE_COLUMNS } from '#scripts/core/reports/daily-figures.ts';
import { OBSERVATION_COLUMNS, OBSERVATION_TYPES } from '#scripts/io/store/observation-columns.ts';
import { REPORT_COLUMNS } from '#scripts/io/store/report-columns.ts';

const readme = readFileSync(join(import.meta.dirname, '../../../data/README.md'), 'utf8');

/** The first two cells of each row of the table under this header, and whether the rest says something. */
function tableOf(header: string): readonly (readonly [string, string])[] {
  const [, after = ''] = readme.split(`${header}\n`);
  const rows: [string, string][] = [];
  for (const line of after.split('\n').slice(1)) {
    const [, name, type] = /^\| `(\w+)` \| ([^|]+?) \| /.exec(line) ?? [];
    if (name === undefined || type === undefined) break;
    rows.push([name, type]);
  }
  return rows;
}

test('every column is documented, in the order and with the type of the file', () => {
  assert.deepEqual(
    tableOf('| column | type | meaning |'),
    REPORT_COLUMNS.map(({ name, type }) => [name, type.replace(/STRUCT\(.*\)/, 'STRUCT(…)')]),
  );
});

test('every column of an observation is documented, in the order and with the type of the file', () => {
  assert.deepEqual(
    tableOf('| column of observations | type | meaning |'),
    OBSERVATION_COLUMNS.map((name) => [name, OBSERVATION_TYPES[name]]),
  );
});

test('every column of the daily figures is documented, in the order and with the type of the file', () => {
  assert.deepEqual(
    tableOf('| column of figures | type | meaning |'),
    Object.entries(FIGURE_COLUMNS).map(([name, type]) => [name, type.replace(/STRUCT\(.*\)/, 'STRUCT(…)')]),
  );
});

test('every member of a failure detail is documented', () => {
  const struct = REPORT_COLUMNS.find(({ name }) => name === 'failure_details')?.type ?? '';
  const members = [...struct.replace(/^STRUCT\(|\)\[\]$/g, '').matchAll(/(\w+) (\w+)/g)].map(([, name, type]) => [
    name,
    type,
  ]);
  assert.deepEqual(tableOf('| member | type | meaning |'), members);
});

test('what is believed is said as it is decided', () => {
  assert.ok(readme.includes(BELIEVED_SQL.slice(1, -1)));
});
