import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWord, parseArguments } from '#scripts/cli/arguments.ts';
import { loadCommands } from '#scripts/cli/commands.ts';
import { PosternError } from '#scripts/core/failure.ts';

const COMMANDS = await loadCommands();

const NAMES = COMMANDS.map(({ name }) => name);
const parse = (...argv: string[]) => {
  const word = commandWord(argv, NAMES);
  return parseArguments(argv, COMMANDS.find(({ name }) => name === word) ?? null, '/here');
};

test('global options stand before or after the command', () => {
  for (const given of [parse('--json', 'check', 'example.com'), parse('check', 'example.com', '--json')]) {
    assert.equal(given.command?.name, 'check');
    assert.deepEqual(given.operands, ['example.com']);
    assert.equal(given.json, true);
  }
  assert.equal(parse('--root', 'check', 'review').command?.name, 'review');
});

test('paths are made absolute; data stands below the root unless said otherwise', () => {
  assert.deepEqual([parse('check').root, parse('check').data], ['/here', '/here/data']);
  assert.equal(parse('check', '--root', 'sub').data, '/here/sub/data');
  assert.equal(parse('check', '--root=sub', '--data', '../d').data, '/d');
});

test('--now is RFC 3339, in any offset', () => {
  assert.equal(parse('check').now, null);
  assert.equal(parse('check', '--now', '2026-11-21T06:00:00+01:00').now, '2026-11-21T05:00:00Z');
});

const BAD: readonly (readonly [readonly string[], RegExp])[] = [
  [['chekc'], /there is no command "chekc" .*did you mean npx postern check\?/],
  [['frobnicate'], /there is no command .*--help lists the commands/],
  [['check', '--jsn'], /unknown option "--jsn" .*did you mean --json\?/],
  [['check', '-x'], /unknown option "-x"/],
  [['check', '--port', '1'], /unknown option "--port"/],
  [['check', '--json=yes'], /--json takes no value/],
  [['check', '--root'], /--root needs a value/],
  [['check', '--root', '--json'], /--root needs a value/],
  [['check', '--now', 'today'], /"today" is not a date-time/],
  [['check', '--now', '2026-02-30T00:00:00Z'], /is not a date-time/],
  [['explain'], /something is missing: postern explain </],
  [['explain', 'a', 'b'], /"b" is one word too many/],
  [['serve', 'x'], /"x" is one word too many/],
];
for (const [argv, message] of BAD) {
  test(`${argv.join(' ')}: a usage error that says what to do`, () => {
    assert.throws(
      () => parse(...argv),
      (error: unknown) =>
        error instanceof PosternError &&
        error.code === 'usage' &&
        error.exit === 2 &&
        message.test(`${error.message} ${error.hint}`),
    );
  });
}
