import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { readText, writeText } from '#scripts/io/files/write-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-write-text-'));
after(() => rmSync(folder, { recursive: true, force: true }));

suite('writing a file', () => {
  const path = join(folder, 'a', 'b.txt');

  test('makes folders, writes, and leaves nothing else behind', () => {
    assert.equal(readText(path), null);
    assert.equal(writeText(path, 'one'), true);
    assert.equal(readFileSync(path, 'utf8'), 'one');
    assert.deepEqual(readdirSync(join(folder, 'a')), ['b.txt']);
  });

  test('touches nothing when the text is the same', () => {
    utimesSync(path, 1, 1);
    assert.equal(writeText(path, 'one'), false);
    assert.equal(statSync(path).mtimeMs, 1000);
    assert.equal(writeText(path, 'two'), true);
    assert.equal(readText(path), 'two');
  });
});
