import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logGamma, upperTail, upperTailOfBursts } from '#scripts/core/analysis/failures/beta-binomial.ts';

/** The binomial upper tail, term by term. */
function binomialTail(failures: number, trials: number, share: number): number {
  let sum = 0;
  for (let k = failures; k <= trials; k++) {
    let term = 1;
    for (let step = 1; step <= k; step++) term *= ((trials - k + step) / step) * share;
    sum += term * (1 - share) ** (trials - k);
  }
  return sum;
}

test('log Γ at points that are known', () => {
  for (const [x, expected] of [
    [1, 0],
    [2, 0],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [11, Math.log(3_628_800)],
  ] as const)
    assert.ok(Math.abs(logGamma(x) - expected) < 1e-9, `${x}`);
});

test('without dispersion it is the binomial tail', () => {
  for (const [failures, trials, share] of [
    [1, 3, 0.1],
    [3, 20, 0.02],
    [10, 60, 0.1],
  ] as const) {
    const expected = binomialTail(failures, trials, share);
    assert.ok(Math.abs(upperTail(failures, trials, share, 1e-7) / expected - 1) < 1e-3, `${failures} of ${trials}`);
  }
});

test('by hand: with α = β = 1 every count is as likely as any other', () => {
  assert.ok(Math.abs(upperTail(8, 10, 0.5, 1 / 3) - 3 / 11) < 1e-9);
});

test('far below the mean nothing is unlikely, however many sessions there were', () => {
  for (const [trials, mean] of [
    [2942, 0.2529],
    [5000, 0.3],
    [3_000_000, 0.3],
  ] as const)
    assert.ok(upperTail(1, trials, mean, 1e-4) > 1 - 1e-9, `${trials} ${mean}`);
});

test('property: a probability, that falls with more failures and rises with the mean', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 1e-4, max: 0.2, noNaN: true }),
      fc.double({ min: 1e-4, max: 0.3, noNaN: true }),
      (trials, share, mean, dispersion) => {
        const failures = Math.floor(trials * share);
        const tail = upperTail(failures, trials, mean, dispersion);
        assert.ok(tail >= 0 && tail <= 1);
        assert.ok(
          upperTail(Math.min(trials, failures + Math.ceil(trials / 20)), trials, mean, dispersion) <= tail + 1e-9,
        );
        assert.ok(upperTail(failures, trials, mean * 1.5, dispersion) >= tail - 1e-6);
      },
    ),
    { numRuns: 200 },
  );
});

test('millions of sessions are judged like thousands, and no slower', () => {
  const [thousands, millions] = [upperTail(250, 5000, 0.02, 0.001), upperTail(150_000, 3_000_000, 0.02, 0.001)];
  assert.ok(Math.abs(millions / thousands - 1) < 1e-6);
});

test('bursts: without spread it is the binomial tail, and with it what is far above the mean is less unlikely', () => {
  assert.ok(Math.abs(upperTailOfBursts(3, 20, 0.02, 0) / binomialTail(3, 20, 0.02) - 1) < 1e-2);
  // A share of ten times the mean is a log-normal factor of ln 10 / 0.8 + 0.4 = 3.3 standard deviations: 5 in 10,000.
  const far = upperTailOfBursts(3000, 100_000, 0.003, 0.8);
  assert.ok(far > 4e-4 && far < 8e-4, `${far}`);
  assert.ok(far > 10 * upperTail(3000, 100_000, 0.003, 0.003 * (Math.exp(0.64) - 1)));
});
