import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { simpleParser } from 'mailparser';
import type { Instant } from '#scripts/core/clock.ts';
import { type DigestWeeklyResult, digestWeekly } from '#scripts/tasks/digest-weekly.ts';
import { startSmtpSink } from '../fakes/smtp-sink.ts';
import { storeRows } from '../io/store/stored-rows.ts';
import { failure, reportOf } from './stored-rows.ts';

const NOW = '2026-11-24T06:00:00Z' as Instant;
const home = mkdtempSync(join(tmpdir(), 'postern-weekly-'));
after(() => rmSync(home, { recursive: true, force: true }));
const stored = join(home, 'stored');
await storeRows(stored, [
  reportOf('ours.example', '2026-11-17', 300, [failure('certificate-expired', 'mx1.ours.example', 40)]),
  reportOf('ours.example', '2026-11-10', 350, []),
  reportOf('customer.example', '2026-11-18', 12, []),
]);

async function world(options: { readonly smtp?: boolean } = {}) {
  const root = mkdtempSync(join(home, 'root-'));
  const sink = await startSmtpSink();
  mkdirSync(join(root, 'domains/customer'), { recursive: true });
  const smtp = options.smtp === false ? '' : `  smtp: {host: 127.0.0.1, port: ${sink.port}}\n`;
  const settings = `organisation: Example <b>&</b> Co\nreporting:\n  rua: [mailto:r@organisation.example]\ndigest:\n  from: postern@organisation.example\n  to: [ops@organisation.example]\n${smtp}`;
  writeFileSync(join(root, 'domains/_settings.yaml'), settings);
  writeFileSync(join(root, 'domains/ours.example.yaml'), 'mode: enforce\nmx: [mx1.ours.example]\n');
  writeFileSync(
    join(root, 'domains/customer/customer.example.yaml'),
    'mode: testing\nmx: [mx1.customer.example]\ndigest: [owner@customer.example]\n',
  );
  const data = join(root, 'data');
  cpSync(stored, data, { recursive: true });
  const run = (dryRun = false): Promise<DigestWeeklyResult> =>
    digestWeekly({
      root,
      data,
      out: join(root, 'out'),
      period: null,
      now: NOW,
      dryRun,
      environment: { GITHUB_REPOSITORY: 'acme/mail' },
    });
  return { root, data, sink, run };
}

test('each reader gets one mail about their own domains, once', async () => {
  const { sink, run } = await world();
  const first = await run();
  assert.deepEqual(
    [first.period, first.sent, first.rejected],
    ['2026-W47', ['ops@organisation.example', 'owner@customer.example'], []],
  );
  const [ops, owner] = await Promise.all(sink.mails.map(({ data }) => simpleParser(data)));
  assert.ok(ops !== undefined && owner !== undefined);
  for (const text of [owner.text ?? '', owner.html || '']) {
    assert.match(text, /customer\.example/);
    assert.match(text, /16 November to 22 November 2026 \(UTC\)/);
    assert.doesNotMatch(text, /ours\.example/, 'a customer reads of nobody else');
  }
  for (const part of [
    'ours.example',
    'certificate-expired',
    'mx1.ours.example',
    '340 sessions',
    'What is not known',
    'no probe has run',
  ])
    assert.ok(ops.text?.includes(part), part);
  assert.doesNotMatch(
    ops.html || '',
    /<img|src=|url\(|@import|<script|<b>/i,
    'nothing is fetched, nothing of others is HTML',
  );
  assert.match(ops.html || '', /Example &lt;b&gt;&amp;&lt;\/b&gt; Co/);
  assert.equal(ops.headers.get('auto-submitted'), 'auto-generated');

  const second = await run();
  assert.deepEqual([second.sent, second.already], [[], ['ops@organisation.example', 'owner@customer.example']]);
  assert.equal(sink.mails.length, 2);
  await sink.close();
});

test('what is written is what is sent, and a dry run only writes', async () => {
  const { root, data, sink, run } = await world();
  const dry = await run(true);
  assert.deepEqual([dry.sent, sink.connections(), existsSync(join(data, 'checkpoint.json'))], [[], 0, false]);
  assert.deepEqual(dry.files, [
    join(root, 'out/2026-W47/ops@organisation.example.eml'),
    join(root, 'out/2026-W47/owner@customer.example.eml'),
  ]);
  const written = readFileSync(dry.files[0] ?? '');
  await run();
  assert.equal(sink.mails[0]?.data.trimEnd(), written.toString('latin1').trimEnd());
  await sink.close();
});

test('a run that dies between two readers goes on with the second', async () => {
  const { sink, run } = await world();
  sink.answers.set('owner@customer.example', 'cut');
  await assert.rejects(run(), { code: 'smtp-unavailable', exit: 3 });
  assert.deepEqual(
    sink.mails.map(({ to }) => to),
    ['ops@organisation.example'],
  );
  sink.answers.clear();
  assert.deepEqual((await run()).sent, ['owner@customer.example']);
  assert.deepEqual(
    sink.mails.map(({ to }) => to),
    ['ops@organisation.example', 'owner@customer.example'],
  );
  await sink.close();
});

test('a reader who is refused is told apart from one who is put off, and neither keeps the others waiting', async () => {
  const { sink, run } = await world();
  sink.answers.set('ops@organisation.example', '550 5.1.1 no such user');
  const refused = await run();
  assert.deepEqual(
    [refused.sent, refused.rejected.map(({ to }) => to)],
    [['owner@customer.example'], ['ops@organisation.example']],
  );
  assert.match(refused.rejected[0]?.response ?? '', /550 5\.1\.1 no such user/);
  sink.answers.set('ops@organisation.example', '451 4.2.0 later');
  assert.deepEqual(
    (await run()).deferred.map(({ to }) => to),
    ['ops@organisation.example'],
  );
  sink.answers.clear();
  assert.deepEqual((await run()).sent, ['ops@organisation.example']);
  await sink.close();
});

test('without a server the mails are written, and it is said why nothing is sent', async () => {
  const { sink, run } = await world({ smtp: false });
  const result = await run();
  assert.deepEqual(
    [result.files.length, result.sent, result.unsent],
    [2, [], 'digest.smtp is not set in domains/_settings.yaml'],
  );
  await sink.close();
});

test('a week that is no week, is not over, or is too long ago is refused', async () => {
  const { root, data, sink } = await world();
  for (const period of ['2026-W54', '2026-10', '2026-W48', '2026-W20'])
    await assert.rejects(
      digestWeekly({ root, data, out: root, period, now: NOW, dryRun: true, environment: {} }),
      { code: 'usage', exit: 2 },
      period,
    );
  await sink.close();
});
