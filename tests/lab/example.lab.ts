import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointText } from '#scripts/core/checkpoint.ts';
import { EXAMPLE_FOLDER } from '#scripts/tasks/take-example.ts';
import { exampleMails } from '#tests/example/generate.ts';
import { exampleIncidents } from '#tests/example/incident-records.ts';

const ROOT = join(import.meta.dirname, '../..');

// Two dozen reviews: too long for the suite, where tests/example/generate.test.ts compares everything else.
test('the incidents of the example are those that alert would keep of its mail and its looks', async () => {
  const lived = checkpointText(await exampleIncidents(ROOT, await exampleMails()));
  assert.equal(await readFile(join(ROOT, EXAMPLE_FOLDER, 'checkpoint.json'), 'utf8'), lived);
});
