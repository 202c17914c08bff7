import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readMbox } from '#scripts/io/mail/mbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-mbox-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function messagesOf(content: string): readonly string[] {
  const path = join(folder, 'box');
  writeFileSync(path, content, 'latin1');
  const fd = openSync(path, 'r');
  try {
    return [...readMbox(fd)].map(({ bytes }) => (bytes === null ? 'too large' : bytes.toString('latin1')));
  } finally {
    closeSync(fd);
  }
}

const FROM = 'From a@b.example Thu Nov 19 03:00:00 2026\n';

test('a message begins at a From line: the first, one after an empty line, one with a time', () => {
  assert.deepEqual(messagesOf(`${FROM}A: 1\n\none\n\n${FROM}B: 2\n\ntwo\n`), ['A: 1\n\none\n', 'B: 2\n\ntwo\n']);
  assert.deepEqual(messagesOf(`${FROM}A: 1\n\none\n${FROM}B: 2\n\ntwo`), ['A: 1\n\none\n', 'B: 2\n\ntwo']);
  assert.deepEqual(messagesOf('From x\nA: 1\n\none\n\nFrom y\nB: 2\n\n'), ['A: 1\n\none\n', 'B: 2\n']);
  assert.deepEqual(messagesOf(`From x\r\nA: 1\r\n\r\none\r\n\r\nFrom y\r\nB: 2\r\n`), [
    'A: 1\r\n\r\none\r\n',
    'B: 2\r\n',
  ]);
});

test('a line of the text that begins with From is no beginning', () => {
  assert.deepEqual(messagesOf(`${FROM}A: 1\n\none\nFrom here on\ntwo\n`), ['A: 1\n\none\nFrom here on\ntwo\n']);
});

test('quoted From lines lose one quote (mboxrd)', () => {
  assert.deepEqual(messagesOf(`${FROM}A: 1\n\n>From a\n>>From b\n> From c\n>x\n`), [
    'A: 1\n\nFrom a\n>From b\n> From c\n>x\n',
  ]);
});

test('what is written to a mailbox is read from it, wherever the chunks end', () => {
  const line = fc.oneof(
    fc.constantFrom('', 'From x', '>From x', '>>From ', 'from y', 'From', `From a ${new Date(0).toUTCString()}`),
    fc.string({ unit: fc.constantFrom('a', ' ', '>', 'F', 'é'), maxLength: 30 }),
  );
  const message = fc
    .array(line, { minLength: 1, maxLength: 8 })
    .map((lines) => ['A: 1', '', ...lines, 'end', ''].join('\n'));
  // Long enough that messages begin at every place around the end of a megabyte.
  const filler = fc
    .integer({ min: 2 ** 20 - 120, max: 2 ** 20 + 20 })
    .map((length) => `A: 1\n\n${'x'.repeat(length)}\n`);
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: message }, { weight: 1, arbitrary: filler }), {
        minLength: 1,
        maxLength: 5,
      }),
      (messages) => {
        const written = messages.map((text) => `${FROM}${text.replace(/^(>*From )/gm, '>$1')}\n`).join('');
        const expected = messages.map((text) => Buffer.from(text, 'latin1').toString('latin1'));
        assert.deepEqual(messagesOf(written), expected);
      },
    ),
    { numRuns: 150 },
  );
});
