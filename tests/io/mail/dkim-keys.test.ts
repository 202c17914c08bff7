import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { loadDkimKeys, parseDkimKeys } from '#scripts/io/mail/dkim-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NAME = 's1._domainkey.example.com';
const RECORD = 'v=DKIM1; k=rsa; p=AAAA';

test('a map, lines of a zone, bare lines: the same keys', () => {
  const good = [
    `${NAME}: "${RECORD}"`,
    `# comment\n; comment\n\n${NAME}: '${RECORD}'\n`,
    `${NAME}: >-\n  v=DKIM1; k=rsa;\n  p=AAAA`,
    JSON.stringify({ [NAME]: RECORD }),
    `"${NAME}": ${RECORD}`,
    `${NAME} ${RECORD}`,
    `${NAME}. 3600 IN TXT "v=DKIM1; k=rsa; " "p=AAAA"`,
    `${NAME.toUpperCase()} IN TXT "${RECORD}"`,
    `${NAME} TXT ${RECORD}`,
    `${NAME} 1h TXT ( "v=DKIM1; k=rsa; "\n\t"p=AAAA" )  ; ----- DKIM key s1`,
  ];
  for (const text of good) assert.deepEqual([text, parseDkimKeys(text)], [text, new Map([[NAME, RECORD]])]);
});

test('several keys, none, and the last of two under one name', () => {
  assert.deepEqual(parseDkimKeys(''), new Map());
  assert.deepEqual(parseDkimKeys('# nothing\n'), new Map());
  const two = parseDkimKeys(`${NAME} p=A\na._domainkey.example.net p=B\n${NAME} p=C\n`);
  assert.deepEqual(
    two,
    new Map([
      [NAME, 'p=C'],
      ['a._domainkey.example.net', 'p=B'],
    ]),
  );
});

test('what is wrong is said', () => {
  const bad = ['example.com p=AAAA', `${NAME} v=DKIM1`, `${NAME}: [a]`, '- a\n- b', '{"a":', `${NAME}: 7`];
  for (const text of bad) assert.equal(typeof parseDkimKeys(text), 'string', text);
});

test('a file that is not there or wrong is a mistake in the settings', () => {
  const file = join(folder, 'keys');
  for (const prepare of [
    () => {},
    () => writeFileSync(file, 'x'),
    () => writeFileSync(file, 'y'.repeat(2 ** 20 + 1)),
  ]) {
    prepare();
    assert.throws(
      () => loadDkimKeys(file),
      (error) => error instanceof PosternError && error.code === 'dkim-keys' && error.exit === 2 && error.hint !== null,
    );
  }
  writeFileSync(file, `${NAME} ${RECORD}`);
  assert.equal(loadDkimKeys(file).get(NAME), RECORD);
});
