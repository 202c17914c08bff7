import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crossesThreshold, isRecovered } from '#scripts/core/analysis/failures/threshold.ts';
import { USUAL_THRESHOLDS } from '#scripts/core/config/normalise-settings.ts';

test('more than 5 % of at least 20 sessions with at least 3 failures, or all of at least 3', () => {
  const table: readonly (readonly [failed: number, sessions: number | null, crosses: boolean, why: string])[] = [
    [0, 0, false, 'no sessions: unknown, not 0 %'],
    [0, 100, false, 'nothing failed'],
    [5, 100, false, 'exactly 5 %'],
    [6, 100, true, '6 %'],
    [50_000, 1_000_000, false, 'exactly 5 % of many'],
    [50_001, 1_000_000, true, 'barely above'],
    [3, 59, true, '5.08 %'],
    [3, 60, false, '5 % exactly'],
    [2, 20, false, '10 %, but two failures are chance'],
    [3, 20, true, 'the floor of both'],
    [3, 19, false, 'too few sessions'],
    [18, 19, false, 'too few sessions, and one succeeded'],
    [3, 3, true, 'all of three'],
    [2, 2, false, 'all of two is chance'],
    [19, 19, true, 'all of few'],
    [500, null, false, 'how many succeeded is not known'],
  ];
  for (const [failed, sessions, crosses, why] of table)
    assert.equal(crossesThreshold(failed, sessions, USUAL_THRESHOLDS), crosses, why);
});

test('a fault is gone at 1 % or less, not just under the threshold', () => {
  const table: readonly (readonly [failed: number, sessions: number | null, recovered: boolean])[] = [
    [0, 10, true],
    [0, null, true],
    [1, 100, true],
    [2, 100, false],
    [1, 99, false],
    [1, null, false],
    [49, 1000, false],
  ];
  for (const [failed, sessions, recovered] of table)
    assert.equal(isRecovered(failed, sessions), recovered, `${failed} of ${sessions}`);
});

test('property: what crosses is not recovered, and more failures never cross less', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (failed, successful) => {
      const sessions = failed + successful;
      assert.ok(!(crossesThreshold(failed, sessions, USUAL_THRESHOLDS) && isRecovered(failed, sessions)));
      if (crossesThreshold(failed, sessions, USUAL_THRESHOLDS) && successful > 0)
        assert.ok(crossesThreshold(failed + 1, sessions, USUAL_THRESHOLDS));
    }),
  );
});
