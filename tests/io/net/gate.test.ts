import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createGate } from '#scripts/io/net/gate.ts';

test('no more jobs run at a time than allowed, in the order they came, and a failed one frees its place', async () => {
  const gate = createGate(3);
  const begun: number[] = [];
  let [running, most] = [0, 0];
  const job = (i: number) =>
    gate(async () => {
      begun.push(i);
      running += 1;
      most = Math.max(most, running);
      await pause(1);
      running -= 1;
      if (i % 5 === 0) throw new Error('failed');
      return i;
    });
  const done = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => job(i)));
  assert.equal(most, 3);
  assert.deepEqual(
    begun,
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.equal(done.filter(({ status }) => status === 'rejected').length, 4);
});
