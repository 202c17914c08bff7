import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FileStamps, type StampHelper, stampFiles } from '#scripts/io/mail/file-stamps.ts';
import { openStampHelper } from '#scripts/tasks/ingest/stamp-helper.ts';

/* Half of a large folder is stamped in a second thread: what comes out is the same, and no change is missed in either half. */

const FILES = 6000;
const folder = mkdtempSync(join(tmpdir(), 'postern-stamps-'));
const helper = openStampHelper();
after(() => {
  helper.close();
  rmSync(folder, { recursive: true });
});
before(() => {
  for (let index = 0; index < FILES; index += 1) writeFileSync(join(folder, `f${index}`), String(index));
  // In both halves, by their names.
  for (const half of ['a', 'z']) {
    mkdirSync(join(folder, `${half}-folder`));
    writeFileSync(join(folder, `${half}-folder`, 'inner'), half);
    symlinkSync('/etc/hostname', join(folder, `${half}-link`));
  }
  writeFileSync(join(folder, '.hidden'), '');
});

function digestOf(other: StampHelper | null): readonly [number, string] {
  const stamps = new FileStamps();
  stampFiles(folder, stamps, other);
  return [stamps.count, stamps.digest()];
}

test('with and without help, and when no help comes', () => {
  const alone = digestOf(null);
  assert.equal(alone[0], FILES + 2);
  assert.deepEqual(digestOf(helper), alone);
  assert.deepEqual(digestOf({ begin: () => () => null }), alone);
});

test('a change is seen in either half, in a folder, and when a file comes or goes', () => {
  const seen = new Set([digestOf(helper)[1]]);
  const changes: readonly (() => void)[] = [
    () => appendFileSync(join(folder, 'f1'), 'x'),
    () => appendFileSync(join(folder, 'f999'), 'x'),
    () => appendFileSync(join(folder, 'z-folder/inner'), 'x'),
    () => writeFileSync(join(folder, 'zz'), ''),
    () => rmSync(join(folder, 'f998')),
    () => rmSync(join(folder, 'f10')),
  ];
  for (const [index, change] of changes.entries()) {
    change();
    const digest = digestOf(helper);
    seen.add(digest[1]);
    assert.equal(seen.size, index + 2);
    assert.deepEqual(digest, digestOf(null));
  }
});
