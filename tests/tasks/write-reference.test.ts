import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GENERATED, referenceFiles, writeReference } from '#scripts/tasks/write-reference.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'postern-reference-'));
after(() => rmSync(root, { recursive: true, force: true }));

suite('what is made from the schema and the playbook', () => {
  for (const { file, text } of referenceFiles(here)) {
    test(`${file} is up to date (npm run reference)`, () => {
      assert.equal(readFileSync(join(here, file), 'utf8'), text);
    });
  }

  test('the hand-written lead of the page stays, and a second run changes nothing', () => {
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'docs', 'configuration.md'), `# Lead\n\n${GENERATED}\nold\n`);
    assert.deepEqual(writeReference(root), [
      'domains/schema.json',
      'domains/settings.schema.json',
      'scripts/core/config/schemas.json',
      'docs/configuration.md',
      'docs/playbook.md',
    ]);
    const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
    assert.ok(page.startsWith(`# Lead\n\n${GENERATED}\n## A domain\n`));
    assert.ok(!page.includes('old\n'));
    assert.deepEqual(writeReference(root), []);
  });

  test('every table of the page has as many cells in each row as in its head', () => {
    const page = readFileSync(join(here, 'docs', 'configuration.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    assert.ok(rows.length > 100);
    for (const [index, row] of rows.entries()) {
      const cells = row.replaceAll('\\|', '').split('|').length;
      assert.ok(cells === 6 || cells === 5, `${index}: ${row}`);
    }
  });
});
