import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import type { Plan } from '#scripts/core/policy/plan/plan.ts';
import { createPullRequest } from '#scripts/io/github/pull-requests.ts';
import { commentPlan } from '#scripts/tasks/comment-plan.ts';
import { makePlan } from '#scripts/tasks/plan.ts';
import { commitFiles } from '../fakes/github/world.ts';
import { connect, fakeWithRepository } from '../io/github/connection.ts';

suite('the comment on a pull request', () => {
  let folder: string;
  let plan: Plan;
  let world: Awaited<ReturnType<typeof fakeWithRepository>>;
  let head: string;
  let number: number;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-comment-'));
    mkdirSync(join(folder, 'domains'));
    writeFileSync(
      join(folder, 'domains', '_settings.yaml'),
      'organisation: Test\nreporting: {rua: ["mailto:t@r.example"]}\n',
    );
    writeFileSync(join(folder, 'domains', 'example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\n');
    const made = await makePlan({
      root: folder,
      data: join(folder, 'data'),
      now: '2026-11-21T06:00:00Z' as Instant,
      domains: [],
      against: null,
      offline: true,
      environment: {},
      progress: () => {},
    });
    plan = made.plan;
    world = await fakeWithRepository();
    const { repository, fake, environment } = world;
    repository.refs.set('refs/heads/change', repository.refs.get('refs/heads/main') ?? '');
    head = commitFiles(fake.world, repository, 'change', { 'domains/example.com.yaml': 'mode: testing\n' });
    const github = await connect(environment);
    ({ number } = await createPullRequest(github, {
      title: 'a change',
      body: '',
      branch: 'change',
      base: 'main',
    }));
  });
  after(async () => {
    await world.fake.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function post(content: string, sha = head) {
    const file = join(folder, 'plan.json');
    writeFileSync(file, content);
    return commentPlan({ file, head: sha, environment: world.environment, dry_run: false });
  }

  const comments = () => world.repository.pulls.get(number)?.comments ?? [];

  test('one comment, kept up to date', async () => {
    assert.deepEqual((await post(JSON.stringify(plan))).done, 'created');
    assert.deepEqual((await post(JSON.stringify(plan))).done, 'unchanged');
    assert.deepEqual((await post(JSON.stringify({ ...plan, checksum: 'another' }))).done, 'updated');
    assert.equal(comments().length, 1);
    assert.match(comments()[0]?.body ?? '', /another/);
  });

  test('what a fork wrote into the file does nothing', async () => {
    const evil = '@everyone <img src=x onerror=alert(1)> [x](javascript:alert(1)) #1 closes #1';
    const lied = everyText({ ...plan, commit: 'c', against: 'a' }, evil);
    const { text } = await post(JSON.stringify(lied));
    // Outside code, which shows things as they are, nothing may mention, link, embed or close.
    const outside = text.replaceAll(/(`+)[\s\S]*?\1/g, '');
    assert.doesNotMatch(outside, /@everyone|<img|\]\(javascript|closes #1/);
  });

  test('a commit that is no longer the newest, and things that are no plan', async () => {
    assert.equal((await post(JSON.stringify(plan), 'a'.repeat(40))).done, 'nothing');
    for (const content of ['', '[]', 'null', '{"domains": 3}', '{"domains":[{"domain":{}}]}'])
      await assert.rejects(post(content), { code: 'plan-unreadable', exit: 2 }, content);
    await assert.rejects(post(JSON.stringify(plan), '$(id)'), { code: 'usage', exit: 2 });
  });
});

/** The same shape, with every text replaced. */
function everyText(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((one) => everyText(one, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, everyText(one, text)]));
}
