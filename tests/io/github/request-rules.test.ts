import assert from 'node:assert/strict';
import { after, beforeEach, suite, test } from 'node:test';
import { createIssue, getIssue, listIssues } from '#scripts/io/github/issues.ts';
import { type SpentWrites, unsharedBudget, writeBudget } from '#scripts/io/github/write-budget.ts';
import { connect, fakeWithRepository, jumpingClock } from './connection.ts';

const { fake, repository, environment } = await fakeWithRepository();
after(() => fake.close());
beforeEach(() => repository.issues.clear());

const LIST = 'GET /repos/{owner}/{repo}/issues';
const CREATE = 'POST /repos/{owner}/{repo}/issues';
const ISSUE = { title: 'mx-not-covered example.com', body: 'text', labels: ['postern'], assignees: [] };

suite('how requests are made', () => {
  test('a read that got 502, a cut or half an answer is asked again', async () => {
    const clock = jumpingClock();
    const github = await connect(environment, { clock });
    await createIssue(github, ISSUE);
    fake.fail({ kind: 'answer', status: 502 }, LIST);
    fake.fail({ kind: 'cut', applied: false }, LIST);
    fake.fail({ kind: 'half' }, LIST);
    assert.deepEqual(
      (await listIssues(github)).map(({ title }) => title),
      [ISSUE.title],
    );
    assert.deepEqual(clock.slept, [1, 2, 4]);
  });

  test('a read that gets no answer four times ends with github-unavailable', async () => {
    const github = await connect(environment);
    fake.fail({ kind: 'answer', status: 503 }, LIST, 4);
    await assert.rejects(listIssues(github), { code: 'github-unavailable', exit: 3 });
  });

  for (const [what, fault, made] of [
    ['cut before it was made', { kind: 'cut', applied: false }, 0],
    ['cut after it was made', { kind: 'cut', applied: true }, 1],
    ['502 although it was made', { kind: 'answer', status: 502, applied: true }, 1],
    ['half an answer', { kind: 'half' }, 1],
  ] as const)
    test(`a write is never repeated blindly: ${what}`, async () => {
      const github = await connect(environment);
      const before = fake.writes().length;
      fake.fail(fault, CREATE);
      await assert.rejects(createIssue(github, ISSUE), { code: 'github-write-unsure', exit: 3 });
      assert.equal(fake.writes().length - before, 1);
      assert.equal(repository.issues.size, made);
    });

  test('a limit refused the write: it is made after retry-after, once', async () => {
    const clock = jumpingClock();
    const github = await connect(environment, { clock });
    fake.fail(
      {
        kind: 'answer',
        status: 403,
        headers: { 'retry-after': '30' },
        message: 'You have exceeded a secondary rate limit',
      },
      CREATE,
    );
    await createIssue(github, ISSUE);
    assert.deepEqual(clock.slept, [30]);
    assert.equal(repository.issues.size, 1);
  });

  test('a run waits a minute in all, then ends with 3', async () => {
    const clock = jumpingClock();
    const github = await connect(environment, { clock });
    fake.fail({ kind: 'answer', status: 429, headers: { 'retry-after': '40' } }, LIST);
    await listIssues(github);
    fake.fail({ kind: 'answer', status: 429, headers: { 'retry-after': '21' } }, LIST);
    await assert.rejects(listIssues(github), { code: 'github-rate-limited', exit: 3 });
    assert.deepEqual(clock.slept, [40]);
  });

  test('the primary limit is waited for until its reset', async () => {
    const clock = jumpingClock();
    const github = await connect(environment, { clock });
    const reset = String(clock.seconds() + 25);
    fake.fail(
      { kind: 'answer', status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } },
      LIST,
    );
    await listIssues(github);
    assert.deepEqual(clock.slept, [25]);
  });

  test('403 without a limit, 404, 409 and 422 are told apart and not repeated', async () => {
    const github = await connect(environment);
    for (const [status, code] of [
      [403, 'github-forbidden'],
      [409, 'github-conflict'],
      [422, 'github-invalid'],
    ] as const) {
      fake.fail({ kind: 'answer', status }, CREATE);
      await assert.rejects(createIssue(github, ISSUE), { code });
    }
    assert.equal(await getIssue(github, 999), null);
    assert.equal(repository.issues.size, 0);
  });
});

suite('the write budget', () => {
  test('80 in a minute, then a wait; what was spent is written down before each write', async () => {
    const clock = jumpingClock();
    let kept: SpentWrites = [];
    const budget = writeBudget([[clock.seconds() - 20, 79]], (spent) => {
      kept = spent;
    });
    const github = await connect(environment, { clock, budget });
    await createIssue(github, ISSUE);
    assert.deepEqual(
      kept.map(([, count]) => count),
      [79, 1],
    );
    await createIssue(github, ISSUE);
    assert.deepEqual(clock.slept, [40]);
  });

  test('500 in an hour, kept from the run before: the run ends, nothing is written', async () => {
    const clock = jumpingClock();
    const before = fake.writes().length;
    const spent: SpentWrites = Array.from({ length: 10 }, (_, index) => [clock.seconds() - 3000 + index * 100, 50]);
    const github = await connect(environment, { clock, budget: writeBudget(spent, () => undefined) });
    await assert.rejects(createIssue(github, ISSUE), { code: 'github-write-budget', exit: 3 });
    assert.equal(fake.writes().length, before);
  });

  test('a clock that was set back does not block for ever', () => {
    let kept: SpentWrites = [];
    const budget = writeBudget([[2_000_000_000, 80]], (spent) => {
      kept = spent;
    });
    budget.spend(1_795_000_000);
    assert.deepEqual(kept, [[1_795_000_000, 1]]);
    assert.equal(budget.wait(1_795_000_000), 0);
  });

  test('without a place to keep it, it still holds within the run', () => {
    const budget = unsharedBudget();
    for (let write = 0; write < 80; write++) budget.spend(1000);
    assert.equal(budget.wait(1000), 60);
    assert.equal(budget.wait(1060), 0);
  });
});
