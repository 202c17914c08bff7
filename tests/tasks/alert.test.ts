import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import type { Alerts } from '#scripts/core/incidents/incident.ts';
import type { FailureDetailRow, ReportRow } from '#scripts/core/reports/rows.ts';
import { type AlertResult, alert } from '#scripts/tasks/alert.ts';
import { setState } from '../fakes/github/issue-routes.ts';
import type { FakeIssue, FakeRepository } from '../fakes/github/world.ts';
import { fakeWithRepository } from '../io/github/connection.ts';
import { storeRows } from '../io/store/stored-rows.ts';
import { failure, reportOf } from './stored-rows.ts';

const NOW = '2026-11-21T06:00:00Z';
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A repository whose two domains have a failing MX each, and a GitHub. */
async function world() {
  const root = mkdtempSync(join(tmpdir(), 'postern-alert-'));
  folders.push(root);
  const data = join(root, 'data');
  mkdirSync(join(root, 'domains'));
  const settings =
    'organisation: Example\nreporting:\n  rua: [mailto:r@organisation.example]\nalerts:\n  owners: ["@alice"]\n';
  writeFileSync(join(root, 'domains/_settings.yaml'), settings);
  for (const name of ['example.com', 'example.net'])
    writeFileSync(join(root, `domains/${name}.yaml`), `mode: enforce\nmx: [mx1.${name}]\n`);
  await storeRows(data, [
    report('example.com', '2026-11-18', [detail('starttls-not-supported', 'mx1.example.com', '@octocat <b>#1</b>')]),
    report('example.net', '2026-11-18', [detail('starttls-not-supported', 'mx1.example.net', null)]),
  ]);
  const { fake, repository, environment } = await fakeWithRepository();
  repository.assignable.add('alice');
  const run = (now = NOW, more: Record<string, string> = {}): Promise<AlertResult> =>
    alert({ root, data, now: now as Instant, environment: { ...environment, ...more }, dryRun: false });
  return { root, data, fake, repository, environment, run };
}

function issueOf({ issues }: FakeRepository, number: number): FakeIssue {
  const issue = issues.get(number);
  if (issue === undefined) throw new Error(`there is no issue ${number}`);
  return issue;
}

function detail(result_type: string, mx: string, reason: string | null): FailureDetailRow {
  return { ...failure(result_type, mx, 60), failure_reason_code: reason };
}

function report(policy_domain: string, day: string, details: readonly FailureDetailRow[]): ReportRow {
  return {
    ...reportOf(policy_domain, day, 40, details),
    received_at: '2026-11-20T03:00:00Z' as Instant,
    organization_name: '@octocat',
    failed_sessions: 60,
  };
}

test('each finding has its issue, what reports say does nothing in it, and the next run leaves all as it is', async () => {
  const { fake, repository, run, data } = await world();
  const first = await run();
  assert.deepEqual([first.opened, first.failed], [[1, 2], []]);
  const issue = repository.issues.get(1);
  assert.ok(issue !== undefined);
  assert.deepEqual(issue.assignees, ['alice']);
  assert.doesNotMatch(issue.body, /@octocat|<b>|#1/);
  const writes = fake.writes().length;
  const second = await run('2026-11-21T07:00:00Z');
  assert.deepEqual([second.opened, second.updated, second.closed, second.unchanged], [[], [], [], [1, 2]]);
  assert.equal(fake.writes().length, writes);
  const checkpoint = JSON.parse(readFileSync(join(data, 'checkpoint.json'), 'utf8'));
  assert.equal(checkpoint.tasks.alert.last_success, '2026-11-21T07:00:00Z');
  await fake.close();
});

test('no answer to a create: it is looked for before it is made again', async () => {
  for (const applied of [true, false]) {
    const { fake, repository, run } = await world();
    fake.freezeLists(true);
    fake.fail({ kind: 'cut', applied }, 'POST /repos/{owner}/{repo}/issues');
    assert.deepEqual((await run()).failed, [], `applied: ${applied}`);
    assert.equal(repository.issues.size, 2);
    await fake.close();
  }
});

test('a run that ends between the making and the writing down, with old lists and no checkpoint', async () => {
  const { fake, repository, run, data } = await world();
  await run();
  rmSync(join(data, 'checkpoint.json'));
  issueOf(repository, 1).assignees = [];
  const result = await run('2026-11-21T07:00:00Z');
  assert.deepEqual([result.opened, result.unchanged], [[], [1, 2]]);
  assert.deepEqual(repository.issues.get(1)?.assignees, [], 'what a person took away stays away');

  const again = await world();
  again.fake.freezeLists(true);
  await again.run();
  rmSync(join(again.data, 'checkpoint.json'));
  assert.deepEqual((await again.run('2026-11-21T07:00:00Z')).opened, [], 'no list shows them yet');
  assert.equal(again.repository.issues.size, 2);
  await Promise.all([fake.close(), again.fake.close()]);
});

test('a limit of more than a minute ends the run; the next one finishes', async () => {
  const { fake, repository, run } = await world();
  const limit = {
    kind: 'answer',
    status: 403,
    headers: { 'retry-after': '90' },
    message: 'You have exceeded a secondary rate limit',
  } as const;
  fake.fail(
    limit,
    ({ operation, body }) =>
      operation === 'POST /repos/{owner}/{repo}/issues' && JSON.stringify(body).includes('example.net'),
  );
  const result = await run();
  assert.deepEqual([result.opened.length, result.failed.map(({ code }) => code)], [1, ['github-rate-limited']]);
  assert.deepEqual((await run('2026-11-21T07:00:00Z')).failed, []);
  assert.equal(repository.issues.size, 2);
  await fake.close();
});

test('an assignee’s emoji acknowledges, a member’s comment snoozes, a stranger’s does not', async () => {
  const { fake, repository, run, data } = await world();
  await run();
  const issue = issueOf(repository, 1);
  issue.reactions.push({ id: 900, author: 'alice', content: 'eyes', created_at: fake.world.now });
  const say = (author: string, body: string) =>
    issue.comments.push({
      id: fake.world.nextId++,
      author,
      body,
      created_at: fake.world.now,
      updated_at: fake.world.now,
    });
  say('mallory', '/snooze 2099-01-01');
  await run('2026-11-21T07:00:00Z');
  const first = () => {
    const { alerts } = JSON.parse(readFileSync(join(data, 'checkpoint.json'), 'utf8')) as { alerts: Alerts };
    return Object.values(alerts.incidents).find(({ number }) => number === 1);
  };
  assert.deepEqual([first()?.acknowledged?.by, first()?.snoozed], ['alice', null]);
  say('alice', '/snooze 2026-12-01');
  await run('2026-11-21T08:00:00Z');
  assert.equal(first()?.snoozed?.until, '2026-12-01');
  assert.match(issue.comments.at(-1)?.body ?? '', /Snoozed/);
  await fake.close();
});

test('a person’s close as not planned stays', async () => {
  const { fake, repository, run } = await world();
  await run();
  setState(fake.world, issueOf(repository, 1), 'alice', 'closed', 'not_planned');
  const result = await run('2026-11-21T20:00:00Z');
  assert.deepEqual([result.opened, result.unchanged.includes(1)], [[], true]);
  await fake.close();
});

test('not configured is 2, and says what is missing', async () => {
  const { root, data, fake } = await world();
  const bare = (environment: Record<string, string>) =>
    alert({ root, data, now: NOW as Instant, environment, dryRun: false });
  await assert.rejects(bare({ GITHUB_REPOSITORY: 'acme/mail' }), { code: 'github-not-configured', exit: 2 });
  await assert.rejects(bare({ GITHUB_TOKEN: 'x' }), { code: 'github-not-configured', exit: 2 });
  await fake.close();
});

test('the heartbeat is sent after success only, and its failure is no failure of the run', async () => {
  const { fake, run } = await world();
  let beats = 0;
  const server = createServer((_, response) => {
    beats += 1;
    response.writeHead(beats === 1 ? 200 : 500).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`;
  assert.equal((await run(NOW, { POSTERN_HEARTBEAT_URL: url })).heartbeat, null);
  const second = await run('2026-11-21T07:00:00Z', { POSTERN_HEARTBEAT_URL: url });
  assert.deepEqual([second.heartbeat, second.failed], ['the heartbeat address answers 500', []]);
  server.close();
  assert.match((await run('2026-11-21T08:00:00Z', { POSTERN_HEARTBEAT_URL: url })).heartbeat ?? '', /does not answer/);
  assert.equal(beats, 2);
  await fake.close();
});
