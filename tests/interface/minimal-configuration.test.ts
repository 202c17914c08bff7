import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { folderOf, MINIMAL, NOW, postern, snapshot, spawned } from './command-line.ts';

const REPORTS = new URL('../fixtures/samples/', import.meta.url).pathname;
const BODY = 'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 86400\r\n';
const SHA256 = '30c0b8f46936bb03b5e2f35f743a47cde1804e147750e7e0460b7121906be783';
const MINTED = {
  at: '2026-11-20T06:00:00Z',
  event: 'minted',
  id: '20261120060000',
  sha256: SHA256,
  body: BODY,
  mode: 'testing',
  max_age: 86400,
  mx: ['mx1.example.com', 'mx2.example.com'],
  triggers: ['scope'],
  commit: null,
};

/** Every command that needs neither network nor account: its exit, and what its document holds at least. */
const OFFLINE: readonly (readonly [argv: readonly string[], exit: number, keys: readonly string[]])[] = [
  [['check'], 0, ['problems', 'domains']],
  [['plan', '--offline'], 0, ['checksum', 'domains']],
  [['ingest', REPORTS], 0, ['messages', 'reports', 'duplicates', 'conflicts', 'quarantined', 'warnings']],
  [['review'], 0, ['findings', 'rollouts', 'freshness']],
  [['status', '--offline'], 0, ['domains']],
  [['explain', 'certificate-expired'], 0, ['rule', 'meaning', 'causes', 'recommend']],
  [['export', 'zone'], 0, ['format', 'files']],
  [['export', 'octodns'], 0, ['format', 'files']],
  [['export', 'dnscontrol'], 0, ['format', 'files']],
  [['export', 'terraform'], 0, ['format', 'files']],
  [['compact'], 0, ['months']],
  [['digest', 'weekly'], 0, ['files', 'sent']],
  [['digest', 'monthly', '--no-pdf'], 0, ['files', 'sent', 'manifest']],
];
const LEDGER = { ...MINIMAL, 'data/policies/example.com.jsonl': `${JSON.stringify(MINTED)}\n` };
const WORLDS = [
  { name: 'nothing was published', files: MINIMAL, place: 'a plain folder' },
  { name: 'a ledger', files: LEDGER, place: 'a git repository' },
];

for (const { name, files, place } of WORLDS) {
  suite(`organisation, mode and mx are enough: ${name}, ${place}`, () => {
    let root: string;
    before(() => {
      root = folderOf(files);
      if (place === 'a git repository') spawnSync('git', ['init', '--quiet', root]);
    });
    after(() => rmSync(root, { recursive: true, force: true }));

    for (const [argv, exit, keys] of OFFLINE) {
      test(`postern ${argv.join(' ')}: with --dry-run no byte is written, without it ends with ${exit}`, async () => {
        const command = [...argv, '--root', root, '--now', NOW, '--json'];
        const untouched = snapshot(root);
        const dry = await postern([...command, '--dry-run']);
        assert.deepEqual([dry.exit, dry.err], [exit, ''], dry.out);
        // The one exception: the mail is what somebody wants to see before it is sent.
        if (argv.join(' ') !== 'digest weekly') assert.deepEqual(snapshot(root), untouched);
        const real = await postern(command);
        assert.deepEqual([real.exit, real.err], [exit, ''], real.out);
        const document = JSON.parse(real.out);
        for (const key of keys) assert.ok(key in document, key);
      });
    }
  });
}

suite('a version that was minted and not announced', () => {
  test('is something to do, also where nobody can look', async () => {
    const root = folderOf(LEDGER);
    const { out } = await postern(['plan', '--offline', '--root', root, '--now', NOW, '--json']);
    const [{ version, dns }] = JSON.parse(out).domains;
    assert.equal(version, null);
    assert.deepEqual(
      dns.map(({ name, type, before, after, by, known }: Record<string, unknown>) => [
        name,
        type,
        before,
        after,
        by,
        known,
      ]),
      [['_mta-sts.example.com', 'TXT', null, 'v=STSv1; id=20261120060000', 'person', false]],
    );
    rmSync(root, { recursive: true });
  });
});

test('--data elsewhere: nothing is written into the repository', async () => {
  const root = folderOf(MINIMAL);
  const data = join(folderOf({}), 'deep', 'data');
  const untouched = snapshot(root);
  const at = ['--root', root, '--data', data, '--now', NOW, '--json'];
  assert.equal((await postern(['review', ...at])).exit, 0);
  assert.equal(existsSync(data), false);
  assert.equal((await postern(['ingest', REPORTS, ...at])).exit, 0);
  assert.ok(readdirSync(join(data, 'reports')).every((month) => /^month=\d{4}-\d\d$/.test(month)));
  assert.deepEqual(snapshot(root), untouched);
  rmSync(root, { recursive: true });
  rmSync(data, { recursive: true });
});

const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
/** Root may write everywhere; the checkout may stand where nobody else may read. */
const user = asRoot ? NOBODY : undefined;
const whyNot =
  spawned(['--version'], user === undefined ? {} : { user }).exit === 0
    ? false
    : 'the checkout is readable by its owner only';

suite('folders without rights', { skip: whyNot }, () => {
  let root: string;
  before(async () => {
    root = folderOf({ ...MINIMAL, 'mail/open.json': '{', 'mail/shut/report.json': '{}' });
    await postern(['ingest', REPORTS, '--root', root, '--now', NOW]);
    for (const path of ['', 'domains', 'mail']) chmodSync(join(root, path), 0o755);
  });
  after(() => {
    chmodSync(join(root, 'mail', 'shut'), 0o755);
    rmSync(root, { recursive: true, force: true });
  });
  const run = (argv: readonly string[]) =>
    spawned([...argv, '--root', root, '--now', NOW, '--json'], user === undefined ? {} : { user });

  test('data that may only be read is enough to review, and writing says what the system refused', () => {
    const writable = asRoot ? [] : ['', 'reports'];
    for (const path of writable) chmodSync(join(root, 'data', path), 0o555);
    const review = run(['review']);
    assert.deepEqual([review.exit, review.err], [0, '']);
    assert.ok('findings' in JSON.parse(review.out));
    const ingest = run(['ingest', REPORTS]);
    assert.equal(ingest.exit, 3);
    const { error } = JSON.parse(ingest.out);
    assert.equal(error.code, 'file-system');
    assert.match(error.message, /permission denied/);
    for (const path of writable) chmodSync(join(root, 'data', path), 0o755);
  });

  test('a folder that may not be read is set apart, and stops nothing', () => {
    chmodSync(join(root, 'mail', 'shut'), 0o000);
    const data = folderOf({});
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o777);
    const { exit, out } = run(['ingest', join(root, 'mail'), '--data', data]);
    assert.equal(exit, 0);
    assert.deepEqual(
      JSON.parse(out).quarantined.map(({ source, reason }: { source: string; reason: string }) => [source, reason]),
      [
        ['mail/open.json', 'not-json'],
        ['mail/shut', 'unreadable-file'],
      ],
    );
    rmSync(data, { recursive: true });
  });
});
