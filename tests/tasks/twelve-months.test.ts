import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { addDays } from '#scripts/core/clock.ts';
import { firstDay, freezableFrom, type Month, nextMonth, parseMonth } from '#scripts/core/month/period.ts';
import { compact } from '#scripts/tasks/compact.ts';
import { readFrozenMonths } from '#scripts/tasks/month/frozen-months.ts';
import { verify } from '#scripts/tasks/verify.ts';
import { instant, MonthWorld } from './month-world.ts';

const MONTHS = 13;
const FIRST = parseMonth('2025-10') as Month;
const quiet = () => {};

/** A year and a month of operation: reports, the freeze and the upkeep of each month, with rows kept for 60 days. */
suite('thirteen months with retention', () => {
  let folder: string;
  let world: MonthWorld;
  const months: Month[] = [];
  const restated: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-year-'));
    world = new MonthWorld(folder);
    writeFileSync(
      join(folder, 'domains', '_settings.yaml'),
      'organisation: Example\nretention: {detail_days: 60, aggregate_days: 400}\n',
    );
    for (let month = FIRST; months.length < MONTHS; month = nextMonth(month)) {
      months.push(month);
      const day = addDays(firstDay(month), 9);
      const failed = months.length === 5 ? 7 : 0;
      await world.report(day, { successful: 100 * months.length, failed }, `${addDays(day, 1)}T04:00:00Z`);
      const now = `${freezableFrom(month)}T06:00:00Z`;
      restated.push(...(await world.digest(now)).restated);
      await compact({ root: folder, data: world.data, now: instant(now), dryRun: false, progress: quiet });
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('all thirteen are there, each with its own figures, whatever has become of the rows', () => {
    const frozen = readFrozenMonths(world.data);
    assert.deepEqual(frozen.map(({ manifest }) => manifest.period).toReversed(), months);
    assert.deepEqual(
      frozen.map(({ figures }) => figures.sessions.map(({ successful, failed }) => [successful, failed])).toReversed(),
      months.map((_, index) => [[100 * (index + 1), index === 4 ? 7 : 0]]),
    );
  });

  test('rows older than retention are gone from the store, and restated nothing', () => {
    const reports = join(world.data, 'reports');
    const stored = readdirSync(reports).filter((name) => readdirSync(join(reports, name)).length > 0);
    assert.deepEqual(
      stored,
      months.slice(-2).map((month) => `month=${month}`),
    );
    assert.ok(existsSync(join(world.data, 'figures', `month=${FIRST}`)));
    assert.deepEqual(restated, []);
  });

  test('each month still holds alone, the first and the last also as bundles, and the chain over all of them', async () => {
    for (const [index, month] of months.entries()) {
      const bundle = index === 0 || index === MONTHS - 1 ? [join(world.out, `evidence-${month}.zip`)] : [];
      for (const path of [join(world.data, 'months', month), ...bundle]) {
        const verified = await verify(path, quiet);
        assert.deepEqual([verified.ok, verified.mismatches], [true, []], path);
      }
      const chain = readFrozenMonths(world.data).find(({ manifest }) => manifest.period === month)?.manifest.previous;
      assert.equal(chain?.period ?? null, months[index - 1] ?? null);
    }
  });
});
