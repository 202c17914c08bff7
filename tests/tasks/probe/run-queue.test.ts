import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runQueue } from '#scripts/tasks/probe/run-queue.ts';

const jobs = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

test('every job is done once, never more than allowed at a time', async () => {
  let [running, most] = [0, 0];
  const done: number[] = [];
  await runQueue(
    jobs(50),
    async (job) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      done.push(job);
    },
    { active: 7, open: 100, idleMs: 10_000 },
  );
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    jobs(50),
  );
  assert.equal(most, 7);
});

test('who makes no headway holds up nobody; who does keeps the place; no more are open than allowed', async () => {
  const done: number[] = [];
  let [open, most] = [0, 0];
  let release: () => void = () => {};
  const hung = new Promise<void>((resolve) => {
    release = resolve;
  });
  await runQueue(
    jobs(12),
    async (job, { progress }) => {
      open += 1;
      most = Math.max(most, open);
      if (job < 8) await hung;
      else {
        await sleep(5);
        progress();
      }
      open -= 1;
      done.push(job);
      // All the lively ones are through while eight hang.
      if (done.filter((one) => one >= 8).length === 4) release();
    },
    { active: 2, open: 10, idleMs: 20 },
  );
  assert.deepEqual(
    done.slice(0, 4).toSorted((a, b) => a - b),
    [8, 9, 10, 11],
  );
  assert.equal(done.length, 12);
  assert.ok(most <= 10, `${most}`);
});

test('a job that pauses lends its place, and goes on only when it has one again', async () => {
  let [working, most] = [0, 0];
  const started = performance.now();
  await runQueue(
    jobs(20),
    async (_, { pause }) => {
      for (let part = 0; part < 2; part += 1) {
        working += 1;
        most = Math.max(most, working);
        await sleep(2);
        working -= 1;
        if (part === 0) await pause(sleep(200));
      }
    },
    { active: 3, open: 100, idleMs: 10_000 },
  );
  assert.equal(most, 3);
  assert.ok(performance.now() - started < 2000, 'the pauses went on side by side');
});

test('who lost the place while nothing moved waits for one before what is dear', async () => {
  let [dear, most] = [0, 0];
  await runQueue(
    jobs(30),
    async (_, { progress, claim }) => {
      // All of them are kept waiting at once, and all are answered at once.
      await sleep(150);
      progress();
      await claim();
      dear += 1;
      most = Math.max(most, dear);
      await sleep(1);
      dear -= 1;
    },
    { active: 4, open: 100, idleMs: 10 },
  );
  assert.ok(most <= 4, `${most} at a time`);
});

test('what has arrived while everything was late counts as headway', async () => {
  const order: string[] = [];
  await runQueue(
    jobs(2),
    async (job, { progress }) => {
      order.push(`begins ${job}`);
      if (job === 0) {
        // Asked before the machine is kept busy: the answer has come when the time of idleness is over.
        const answer = stat('.').then(progress);
        const until = performance.now() + 60;
        while (performance.now() < until);
        await answer;
        await sleep(1);
      }
      order.push(`ends ${job}`);
    },
    { active: 1, open: 10, idleMs: 20 },
  );
  assert.deepEqual(order, ['begins 0', 'ends 0', 'begins 1', 'ends 1']);
});

test('thousands of jobs that pause first thing are each done once', async () => {
  const done: number[] = [];
  const free = Promise.resolve();
  await runQueue(
    jobs(20_000),
    async (job, { pause }) => {
      await pause(free);
      done.push(job);
    },
    { active: 5, open: 20_000, idleMs: 10_000 },
  );
  assert.equal(new Set(done).size, 20_000);
  assert.equal(done.length, 20_000);
});

test('a job that fails fails the queue, and no jobs are none', async () => {
  const limits = { active: 1, open: 1, idleMs: 10 };
  await runQueue([], () => assert.fail('there is no job'), limits);
  await assert.rejects(
    runQueue([1], () => Promise.reject(new Error('broken')), limits),
    /broken/,
  );
});
