import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { advance } from '#scripts/tasks/advance.ts';
import { loadCheckpoint } from '#scripts/tasks/checkpoint.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { domainName } from '../core/analysis/world.ts';
import { policy, published } from '../core/policy/ledger-events.ts';
import { ago, MX, NOW } from '../core/policy/promotion-world.ts';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom } from '../fakes/dns/zone.ts';
import { commitFiles, fileText } from '../fakes/github/world.ts';
import { fakeWithRepository } from '../io/github/connection.ts';

const root = mkdtempSync(join(tmpdir(), 'postern-advance-'));
const data = join(root, 'data');
const mx = (exchange: string) => ({ name: 'example.com', type: 'MX', data: { preference: 10, exchange } });
const dns = await startFakeDns(respondFrom([...MX.map(mx), mx('mx3.example.com')]));
const { fake, repository, environment } = await fakeWithRepository();
after(async () => {
  rmSync(root, { recursive: true, force: true });
  await dns.close();
  await fake.close();
});

repository.homepage = 'https://mail.example/';
const SETTINGS = `organisation: E\nnetwork: { resolver: "${dns.url}", allow_private: true, https_port: 1 }\n`;
const YAML = `# The mail of the shop.\nmode: testing\nmx:\n  - ${MX[0]} # main\n  - ${MX[1]}\n`;
const RETIRED = `mode: enforce\nmx: [${MX.join(', ')}]\nretire: true\n`;
mkdirSync(join(root, 'domains'));
const write = (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'domains', name), text);
  commitFiles(
    fake.world,
    repository,
    'main',
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`domains/${name}`, text])),
  );
};
write({ '_settings.yaml': SETTINGS, 'example.com.yaml': YAML, 'example.net.yaml': RETIRED });
appendLedger(data, domainName('example.com'), published(ago(3), policy('testing', ...MX)));
const enforce = published(ago(40), policy('enforce', ...MX));
appendLedger(data, domainName('example.net'), [...enforce, ...published(ago(9), policy('none', ...MX), enforce)]);

const run = (changes: { dryRun?: boolean; environment?: Record<string, string> } = {}) =>
  advance({ root, data, now: NOW, domains: [], dryRun: false, environment, progress: () => {}, ...changes });
const told = (result: Awaited<ReturnType<typeof run>>) =>
  result.pull_requests.map(({ kind, domain, action }) => `${kind} ${domain} ${action}`);

suite('advance', { concurrency: false }, () => {
  test('a dry run needs no GitHub and writes nothing', async () => {
    assert.deepEqual(told(await run({ dryRun: true, environment: {} })), [
      'mx-drift example.com would-open',
      'removal example.net would-open',
    ]);
    assert.equal(fake.requests.length, 0);
    assert.deepEqual(loadCheckpoint(data).tasks, {});
    const [drift, removal] = (await run({ dryRun: true, environment: {} })).pull_requests;
    assert.ok(drift !== undefined && 'diff' in drift && removal !== undefined && 'diff' in removal);
    assert.ok(drift.diff.some((line) => line.startsWith('+ ')) && !drift.diff.every((line) => line.startsWith('+ ')));
    assert.match(drift.body, /### Evidence/);
    assert.ok(removal.diff.every((line) => line.startsWith('- ')));
  });

  test('without GitHub it says what is missing', async () => {
    await assert.rejects(run({ environment: {} }), { code: 'github-not-configured', exit: 2 });
    assert.deepEqual(loadCheckpoint(data).tasks, {});
  });

  test('each thing that is due becomes one pull request that edits only its file', async () => {
    assert.deepEqual(told(await run()), ['mx-drift example.com opened', 'removal example.net opened']);
    assert.equal(
      fileText(repository, 'postern/mx-drift/example.com', 'domains/example.com.yaml'),
      `# The mail of the shop.\nmode: testing\nmx:\n  - ${MX[0]} # main\n  - ${MX[1]}\n  - mx3.example.com\n`,
    );
    assert.equal(fileText(repository, 'postern/removal/example.net', 'domains/example.net.yaml'), null);
    assert.equal(fileText(repository, 'postern/removal/example.net', 'domains/example.com.yaml'), YAML);
    const bodies = [...repository.pulls.values()].map(({ body }) => body);
    assert.match(bodies[0] ?? '', /10 mx1\.example\.com, 10 mx2\.example\.com, 10 mx3\.example\.com/);
    assert.match(bodies[1] ?? '', /enforce, max&lowbar;age 604800/);
    assert.notEqual(loadCheckpoint(data).tasks['advance']?.last_success, null);
  });

  test('a second run finds its own work and writes nothing', async () => {
    const before = fake.writes().length;
    assert.deepEqual(told(await run()), ['mx-drift example.com unchanged', 'removal example.net unchanged']);
    assert.equal(fake.writes().length, before);
  });

  test('a cut between branch and pull request: the next run finishes', async () => {
    for (const pull of repository.pulls.values()) repository.pulls.delete(pull.number);
    for (const name of [...repository.refs.keys()]) if (name.includes('postern/')) repository.refs.delete(name);
    fake.fail(
      { kind: 'cut', applied: true },
      (request) => request.operation.includes('/pulls') && request.body !== null && request.body !== undefined,
      1,
    );
    await run().catch(() => undefined);
    await run();
    const open = [...repository.pulls.values()].filter(({ state }) => state === 'open').map(({ head }) => head);
    assert.deepEqual(open.sort(), ['postern/mx-drift/example.com', 'postern/removal/example.net']);
  });

  test('what a person closed stays closed; what somebody else works on stays theirs', async () => {
    for (const pull of repository.pulls.values()) if (pull.head.includes('removal')) pull.state = 'closed';
    commitFiles(fake.world, repository, 'postern/mx-drift/example.com', {
      'domains/example.com.yaml': `${YAML}  - own.example.com\n`,
    });
    assert.deepEqual(told(await run()), ['mx-drift example.com kept', 'removal example.net declined']);
  });

  test('merged or mended: nothing more to do, and an open one whose reason is gone is closed', async () => {
    repository.refs.delete('refs/heads/postern/mx-drift/example.com');
    repository.refs.delete('heads/postern/mx-drift/example.com');
    for (const [key] of repository.refs) if (key.endsWith('postern/mx-drift/example.com')) repository.refs.delete(key);
    for (const pull of repository.pulls.values())
      if (pull.head.includes('mx-drift')) repository.pulls.delete(pull.number);
    await run();
    write({ 'example.com.yaml': `${YAML}  - mx3.example.com\n` });
    assert.deepEqual(told(await run()), ['removal example.net declined', 'mx-drift example.com closed']);
    assert.equal([...repository.pulls.values()].find(({ head }) => head.includes('mx-drift'))?.state, 'closed');
  });
});
