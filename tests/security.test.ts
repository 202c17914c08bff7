import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('..', import.meta.url).pathname;
const text = readFileSync(`${root}/SECURITY.md`, 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:who |---)/.test(line));

test('the threat model is a whole table', () => {
  assert.doesNotMatch(text, /^[<=>]{7}/m);
  assert.ok(rows.length >= 20);
  for (const row of rows) assert.equal(row.split(' | ').length, 4, row);
});

test('every test that the threat model names is there', () => {
  const named = rows.flatMap((row) =>
    [...(row.split(' | ')[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
  );
  assert.ok(named.length > 25);
  for (const path of named) assert.ok(existsSync(`${root}/${path}`), path);
});

test('every one who could do harm stands in it', () => {
  for (const who of [
    'send mail',
    'open a pull request',
    'open or comment on an issue',
    'controls DNS answers',
    'claimed by somebody else',
    'compromised action',
    'compromised package',
  ])
    assert.ok(
      rows.some((row) => row.includes(who)),
      who,
    );
});
