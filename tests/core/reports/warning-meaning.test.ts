import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { warningMeaning } from '#scripts/core/reports/warning-meaning.ts';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');
const GIVEN = [
  /(?:warn|repair)\([\w.]+,\s*'([a-z0-9-]+)'/g,
  /(?:repairs|doubts)\.push\('([a-z0-9-]+)'\)/g,
  /[[(]`([a-z-]+):\$\{/g,
];

test('every warning that a report can get has a meaning for people', () => {
  const files = [...globSync('standards/{tls-rpt,date}*.ts', { cwd: SCRIPTS }), 'core/reports/intake.ts'];
  const text = [...files, 'core/reports/report-rows.ts']
    .map((file) => readFileSync(join(SCRIPTS, file), 'utf8'))
    .join();
  const ids = new Set(GIVEN.flatMap((given) => [...text.matchAll(given)].map(([, id = '']) => id)));
  assert.ok(ids.size > 25, [...ids].join());
  for (const id of [...ids, 'policy-type', 'result-type']) assert.notEqual(warningMeaning(id), '', id);
});
