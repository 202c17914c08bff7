import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep } from '#scripts/core/analysis/next-step.ts';
import { config, day, instant } from './world.ts';

test('a retirement says until when mode none is served, and then that the records may go', () => {
  const step = (uncached: string | null) =>
    nextStep({
      config: config({ retire: true }),
      state: 'retiring',
      findings: [],
      cleanDays: 0,
      lastReportDay: day('2026-11-20'),
      uncachedAt: uncached === null ? null : instant(uncached),
      today: day('2026-11-21'),
    });
  assert.equal(step(null), 'Keep serving mode none until every cached policy has expired.');
  assert.equal(
    step('2026-11-21T08:37:00Z'),
    'Keep serving mode none until 2026-11-21, when every cached policy has expired.',
  );
  assert.equal(
    step('2026-11-17T08:37:00Z'),
    'Every cached policy has expired by 2026-11-17: the records may go, the policy host after them.',
  );
});
