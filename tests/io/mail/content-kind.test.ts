import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { contentKind } from '#scripts/io/mail/content-kind.ts';
import { zipOf } from './zip.ts';

const kindOf = (text: string) => contentKind(Buffer.from(text, 'latin1'));

test('each kind by its first bytes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'empty'],
    [' \r\n\t', 'empty'],
    ['{}', 'json'],
    ['\xef\xbb\xbf \n{"a":1}', 'json'],
    ['[{}]', 'json'],
    ['\xff\xfe{\0"\0', 'json'],
    ['\xfe\xff\0[\0{', 'json'],
    ['{\0"\0', 'json'],
    ['\0{\0"', 'json'],
    ['\0\0\0{', 'unknown'],
    ['\x1f\x8b rest', 'gzip'],
    ['PK\x03\x04rest', 'zip'],
    ['PK\x05\x06rest', 'zip'],
    ['PKZIP is a program', 'unknown'],
    ['<html/>', 'unknown'],
    ['<feedback>', 'dmarc'],
    ['<?xml version="1.0"?>\n<!-- c -->\n<feedback xmlns="x">', 'dmarc'],
    ['<?xml version="1.0"?><other/>', 'unknown'],
    ['# A heading', 'unknown'],
    ['a: b\nc: d\n', 'unknown'],
  ];
  for (const [text, kind] of cases) assert.deepEqual([text, kindOf(text)], [text, kind]);
  assert.equal(contentKind(gzipSync('x')), 'gzip');
  assert.equal(contentKind(zipOf([])), 'zip');
});

test('mail begins with fields, one of them a field mail has (RFC 5322 §2.2)', () => {
  const good = [
    'From: a@b.example\n\nbody',
    'Subject: x\r\n\r\n',
    'Received: from a\r\n\tby b\r\nx-y: z\r\n\r\nbody',
    'RETURN-PATH: <>\n\n',
    'From : a\n\n',
    'From: a@b.example',
    `From: a@b.example\nX-Long: ${'y'.repeat(200_000)}\n\n`,
  ];
  for (const text of good) assert.equal(kindOf(text), 'mail', text.slice(0, 60));
  const bad = [
    'From here on',
    'key: value\n\n',
    'From: a\nthis is no field\n\n',
    ' From: a\n\n',
    ': empty\nFrom: a\n\n',
  ];
  for (const text of bad) assert.notEqual(kindOf(text), 'mail', text);
});

test('an mbox begins with a From line and then a mail', () => {
  assert.equal(kindOf('From a@b Thu Nov 19 03:00:00 2026\nSubject: x\n\nbody'), 'mbox');
  assert.equal(kindOf('From nobody\nReceived: x\n\n'), 'mbox');
  assert.equal(kindOf('From here on it is a story.\nOnce upon a time'), 'unknown');
});

test('every published mail is mail, every report JSON', () => {
  const folder = join(import.meta.dirname, '../../fixtures/samples');
  for (const name of readdirSync(folder)) {
    const expected = name.endsWith('.eml') ? 'mail' : name.endsWith('.json') ? 'json' : 'unknown';
    assert.deepEqual([name, contentKind(readFileSync(join(folder, name)))], [name, expected]);
  }
});
