import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadCommands } from '#scripts/cli/commands.ts';
import { commandsMarkdown } from '#scripts/cli/help.ts';

const COMMANDS = await loadCommands();

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
let world: string;

suite('the command', () => {
  before(() => {
    world = mkdtempSync(join(tmpdir(), 'postern-cli-'));
    mkdirSync(join(world, 'domains'));
    writeFileSync(
      join(world, 'domains', '_settings.yaml'),
      'organisation: Test\nreporting: { rua: [mailto:tls@reports.example] }\n',
    );
    writeFileSync(join(world, 'domains', 'example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\n');
  });
  after(() => rmSync(world, { recursive: true, force: true }));

  function postern(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('GITHUB_'));
    const run = spawnSync(process.execPath, [join(root, 'scripts', 'postern.ts'), ...argv], {
      cwd: world,
      encoding: 'utf8',
      env: { ...Object.fromEntries(outside), ...environment },
    });
    return { exit: run.status, out: run.stdout, err: run.stderr };
  }

  test('the help names every command, and every command has help of its own', () => {
    const { exit, out, err } = postern(['--help']);
    assert.deepEqual([exit, err], [0, '']);
    for (const { name, summary } of COMMANDS) {
      assert.match(out, new RegExp(`^ {2}${name}\\b`, 'm'));
      const help = postern([name, '--help']);
      assert.equal(help.exit, 0);
      assert.match(help.out, new RegExp(`^npx postern ${name}\\b`));
      assert.ok(summary.length < 100);
    }
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  });

  test('no command at all: the help, and 2', () => {
    assert.equal(postern([]).exit, 2);
    assert.match(postern([]).out, /usage:/);
  });

  test('a workflow without a mailbox has nothing to read; a person who asks is told that there is none', () => {
    const { exit, out } = postern(['ingest'], { GITHUB_ACTIONS: 'true' });
    assert.equal(exit, 0);
    assert.match(out, /No mailbox is configured yet/);
    assert.equal(postern(['ingest']).exit, 2);
    assert.equal(postern(['ingest', 'nothing-here.eml'], { GITHUB_ACTIONS: 'true' }).exit, 2);
  });

  test('--version is that of package.json', () => {
    assert.equal(postern(['--version']).out, `${manifest.version}\n`);
  });

  test('docs/commands.md is made from the table: else run npm run reference', () => {
    assert.equal(readFileSync(join(root, 'docs', 'commands.md'), 'utf8'), commandsMarkdown(COMMANDS));
  });

  test('the completions are accepted by the shell and know every command', () => {
    const { out } = postern(['completion', 'bash']);
    const complete = (words: string): string =>
      spawnSync(
        'bash',
        [
          '-c',
          `${out}\nCOMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _postern; echo "\${COMPREPLY[@]}"`,
        ],
        {
          encoding: 'utf8',
        },
      ).stdout.trim();
    assert.equal(complete('postern rev'), 'review');
    assert.equal(complete('postern check --js'), '--json');
    assert.equal(complete('postern build --o'), '--out');
    for (const { name } of COMMANDS) assert.match(postern(['completion', 'fish']).out, new RegExp(`-a ${name} `));
  });

  test('--json is one document on stdout and nothing else, also when it fails', () => {
    const fine = postern(['check', '--json']);
    assert.deepEqual([fine.exit, fine.err], [0, '']);
    assert.deepEqual(JSON.parse(fine.out).domains, ['example.com']);
    const usage = postern(['check', '--json', '--nwo', 'x']);
    assert.equal(usage.exit, 2);
    assert.equal(JSON.parse(usage.out).error.code, 'usage');
    const missing = postern(['check', '--json', '--root', join(world, 'nowhere')]);
    assert.equal(missing.exit, 2);
    assert.equal(JSON.parse(missing.out).error.code, 'root-missing');
  });

  test('an error says code, what, and what to do; the stack only with --debug', () => {
    const plain = postern(['check', '--root', join(world, 'nowhere')]);
    assert.match(plain.err, /^postern: root-missing: .+\n {2}hint: .+\n$/);
    assert.equal(plain.out, '');
    assert.match(postern(['check', '--debug', '--root', join(world, 'nowhere')]).err, /^ {4}at /m);
  });

  test('in Actions a problem is an annotation beside its line, and the result the job summary', () => {
    const bad = join(world, 'bad');
    mkdirSync(join(bad, 'domains'), { recursive: true });
    writeFileSync(join(bad, 'domains', '_settings.yaml'), 'organisation: Test\n');
    writeFileSync(join(bad, 'domains', 'example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\nmax-age: 5\n');
    const summary = join(world, 'summary.md');
    writeFileSync(summary, '');
    const actions = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const text = postern(['check', '--root', bad], actions);
    assert.equal(text.exit, 2);
    assert.match(text.out, /^::error file=domains\/example\.com\.yaml,line=3,col=1,title=[a-z-]+::.*max_age/m);
    assert.match(readFileSync(summary, 'utf8'), /postern check[\s\S]*```text\n[\s\S]*example\.com\.yaml:3:1/);
    const json = postern(['check', '--root', bad, '--json'], actions);
    assert.equal(JSON.parse(json.out).problems[0].line, 3);
    assert.match(json.err, /^::error file=/m);
  });

  test('nothing but the result on stderr when nobody watches', () => {
    assert.equal(postern(['check']).err, '');
  });
});
