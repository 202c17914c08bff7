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

/** The names of a file's tests; what one is run with is `…`. */
function testsOf(path: string): readonly string[] {
  const source = readFileSync(`${root}/${path}`, 'utf8');
  const written = source.matchAll(/\btest\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g);
  return [...written].map(([, plain, template = '']) =>
    (plain ?? template.replaceAll(/\$\{[^}]*\}/g, '…')).replaceAll('\\', ''),
  );
}

/** What holds without a test of ours: it is a limit that is stated. */
const STATED = 'stated limit';

test('each threat names the tests that show what holds, and they are there', () => {
  for (const row of rows) {
    const [, , holds = '', shown = ''] = row.split(' | ');
    const named = [...shown.matchAll(/`([^`]+)` \*([^*]+)\*/g)];
    assert.ok(named.length > 0 || holds.startsWith(STATED), row);
    for (const [, path = '', name = ''] of named) {
      assert.ok(existsSync(`${root}/${path}`), path);
      assert.ok(testsOf(path).includes(name), `${path} has no test "${name}"`);
    }
    assert.equal(shown.replaceAll(/`[^`]+` \*[^*]+\*/g, '').replaceAll(/[;| ]/g, ''), '', 'nothing but tests');
  }
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
