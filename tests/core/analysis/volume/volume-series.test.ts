import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { baselineOf } from '#scripts/core/analysis/volume/volume-baseline.ts';
import { VolumeSeries } from '#scripts/core/analysis/volume/volume-series.ts';
import { addDays } from '#scripts/core/clock.ts';
import { day } from '../world.ts';

const FIRST = day('2026-08-24');

test('what moves along the days is what every day would have found by itself', () => {
  const reported = fc.array(fc.option(fc.integer({ min: 0, max: 500 }), { freq: 6 }), { maxLength: 120 });
  fc.assert(
    fc.property(reported, (volumes) => {
      const told = volumes.flatMap((volume, index) => (volume === null ? [] : [{ on: addDays(FIRST, index), volume }]));
      const series = new VolumeSeries({
        reporter: 'r.example',
        days: told.map(({ on }) => on),
        volumes: told.map(({ volume }) => volume),
      });
      for (const place of told.keys()) {
        const baseline = baselineOf(series, place, new Set());
        assert.equal(series.usual[place], baseline?.usual ?? Number.NaN);
        if (baseline !== null) assert.equal(series.other[place], baseline.other ?? Number.NaN);
      }
    }),
  );
});
