import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { loadCommands } from '#scripts/cli/commands.ts';
import { folderOf, MINIMAL, NOW, postern, spawned } from './command-line.ts';

const COMMANDS = await loadCommands();

/** `postern: code: what`, then what to do. */
const HOUSE_STYLE = /^postern: [a-z0-9-]+: .+\n {2}hint: .+\n$/;

suite('options that every command takes', () => {
  let root: string;
  before(() => {
    root = folderOf(MINIMAL);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  for (const { name, arity } of COMMANDS) {
    const operands = arity[0] === 0 ? [] : ['x'];

    test(`${name} --help, with --json as one document`, async () => {
      const text = await postern([name, '--help']);
      assert.deepEqual([text.exit, text.err], [0, '']);
      assert.match(text.out, new RegExp(`^npx postern ${name}\\b`));
      const json = await postern([name, '--json', '--help']);
      assert.deepEqual([json.exit, json.err], [0, '']);
      const document = JSON.parse(json.out);
      assert.equal(document.name, name);
      for (const option of document.options) assert.ok(text.out.includes(`--${option.name}`), option.name);
    });

    test(`${name} with an unknown option: 2, what and what to do, and the document`, async () => {
      const { exit, out, err } = await postern([name, ...operands, '--frobnicate', '--json']);
      assert.equal(exit, 2);
      assert.match(err, HOUSE_STYLE);
      assert.equal(JSON.parse(out).error.code, 'usage');
    });

    test(`${name} --data FILE: data is kept in a folder`, async () => {
      const file = join(root, 'domains', '_settings.yaml');
      const { exit, out, err } = await postern([name, ...operands, '--root', root, '--data', file]);
      assert.deepEqual([exit, out], [2, '']);
      assert.match(err, /^postern: data-no-folder: .*_settings\.yaml is a file/);
    });

    if (arity[1] > 0) {
      test(`${name} '': an empty word is not the folder the command runs in`, async () => {
        const { exit, err } = await postern([name, '', '--root', root]);
        assert.equal(exit, 2);
        assert.match(err, /^postern: usage: an empty word was given/);
      });
    }
  }

  const ANSWERS: readonly (readonly [argv: readonly string[], exit: number, document: object | RegExp])[] = [
    [['--json', '--version'], 0, /^\{"version":"\d+\.\d+\.\d+"\}$/],
    [['--json'], 2, /"error":\{"code":"usage","message":"no command was given"/],
    [['--json', 'reveiw'], 2, /did you mean npx postern review\?/],
    [['--json', 'check', '--now', 'noon'], 2, /RFC 3339/],
    [['--json', 'check', '--root', '/nowhere/at/all'], 2, /"code":"root-missing"/],
  ];
  for (const [argv, exit, document] of ANSWERS) {
    test(`${argv.join(' ')}: ${exit}, and one document`, async () => {
      const answer = await postern(argv);
      assert.equal(answer.exit, exit);
      assert.match(JSON.stringify(JSON.parse(answer.out)), document as RegExp);
    });
  }

  for (const [argv, near] of [
    [['-h'], '--help'],
    [['check', '-h'], '--help'],
    [['check', '-j'], '--json'],
    [['-v'], '--version'],
  ] as const) {
    test(`${argv.join(' ')} is unknown, and ${near} is meant`, async () => {
      const { exit, err } = await postern(argv);
      assert.equal(exit, 2);
      assert.match(err, new RegExp(`unknown option.*\n {2}hint: did you mean ${near}\\?`));
    });
  }

  test('what the system refuses at a path is told with it, and is no defect of ours', async () => {
    const out = join(root, 'domains', '_settings.yaml');
    const { exit, err } = await postern(['digest', 'weekly', '--root', root, '--now', NOW, '--out', out]);
    assert.equal(exit, 3);
    assert.match(err, /^postern: file-system: .*_settings\.yaml\/.*: .* \(E[A-Z]+ at mkdir\)\n {2}hint: .+\n$/);
    assert.doesNotMatch(err, /defect/);
  });

  suite('in Actions', () => {
    test('the summary and the outputs are written also where no runner made the files', () => {
      const [summary, output] = [join(root, 'summary.md'), join(root, 'output')];
      const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output };
      assert.equal(spawned(['check', '--root', root], { environment }).exit, 0);
      assert.match(readFileSync(summary, 'utf8'), /postern check[\s\S]*1 domain checked, no problem/);
      assert.equal(readFileSync(output, 'utf8'), '');
    });

    test('an error is an annotation, and stands in the summary', () => {
      const summary = join(root, 'failed.md');
      const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
      for (const argv of [
        ['review', 'other.example', '--root', root],
        ['review', 'other.example', '--root', root, '--json'],
      ]) {
        const { exit, err } = spawned(argv, { environment });
        assert.equal(exit, 2);
        assert.match(err, /^::error title=domain-unknown::.+%0Ahint: .+$/m);
      }
      assert.match(readFileSync(summary, 'utf8'), /postern review[\s\S]*postern: domain-unknown: /);
    });

    test('a summary that cannot be written leaves the one document alone', async () => {
      const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: root };
      const { exit, out, err } = await postern(['check', '--root', root, '--json'], { environment });
      assert.equal(exit, 2);
      assert.deepEqual(JSON.parse(out).domains, ['example.com']);
      assert.match(err, /^postern: runner-file: GITHUB_STEP_SUMMARY names /);
    });
  });

  test('nothing is coloured, whatever the environment asks for', async () => {
    mkdirSync(join(root, 'bad', 'domains'), { recursive: true });
    writeFileSync(join(root, 'bad', 'domains', '_settings.yaml'), 'organisation: Example\n');
    writeFileSync(join(root, 'bad', 'domains', 'example.com.yaml'), 'mode: testin\nmx: []\n');
    for (const environment of [{ FORCE_COLOR: '3' }, { NO_COLOR: '1' }] as Record<string, string>[]) {
      const { exit, out, err } = await postern(['check', '--root', join(root, 'bad')], { environment });
      assert.equal(exit, 2);
      assert.ok(!`${out}${err}`.includes('\u001b'));
    }
  });
});
