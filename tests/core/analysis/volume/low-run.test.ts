import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasLowRun } from '#scripts/core/analysis/volume/low-run.ts';
import { isTurnOfYear } from '#scripts/core/analysis/volume/turn-of-year.ts';
import { LEAST_USUAL } from '#scripts/core/analysis/volume/volume-baseline.ts';
import { VolumeSeries } from '#scripts/core/analysis/volume/volume-series.ts';
import { addDays } from '#scripts/core/clock.ts';
import { day } from '../world.ts';

const DAYS = 5;
const PART = 0.66;

test('a run of low days is found wherever a look at every day would find it', () => {
  const level = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 12 }));
  const reported = fc
    .array(level, { maxLength: 14 })
    .map((levels) => levels.flatMap(([volume, days]) => Array(days).fill(volume)));
  const seen = { with: 0, without: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom('2026-08-24', '2026-11-20'),
      reported,
      fc.func(fc.integer({ min: 0, max: 9 })),
      (first, volumes, chance) => {
        const told = volumes.flatMap((volume, index) =>
          chance(index) === 0 ? [] : [{ on: addDays(day(first), index), volume }],
        );
        const series = new VolumeSeries({
          reporter: 'r.example',
          days: told.map(({ on }) => on),
          volumes: told.map(({ volume }) => volume),
        });
        const found = hasLowRun(series, DAYS, PART);
        assert.equal(found, lookAtEveryDay(series));
        seen[found ? 'with' : 'without']++;
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(seen.with > 50 && seen.without > 50, JSON.stringify(seen));
});

function lookAtEveryDay({ days, volumes, usual }: VolumeSeries): boolean {
  let low = 0;
  for (const [place, on] of days.entries()) {
    const middle = usual[place] ?? Number.NaN;
    if (!(middle >= LEAST_USUAL)) continue;
    const isLow = middle >= ((volumes[place] ?? 0) + 1) / PART - 1;
    if (isLow && !isTurnOfYear(on) && ++low === DAYS) return true;
    if (!isLow && !isTurnOfYear(on)) low = 0;
  }
  return false;
}
