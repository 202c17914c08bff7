import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { addDays, type Day, type Instant } from '#scripts/core/clock.ts';
import { dayRows } from '#site/shared/charts/day-table.ts';
import { sparkline } from '#site/shared/charts/sparkline.ts';
import { trendChart } from '#site/shared/charts/trend-chart.ts';
import { gapsOf, type Trend, trendOf, trendSentence } from '#site/shared/view-models/trend.ts';
import { successShare } from '#site/shared/view-models/words.ts';
import { edgesAt, wholeTrend } from './whole-trend.ts';

const CHART = import.meta.resolve('#site/shared/charts/trend-chart.ts');
const NOW = '2026-11-21T06:00:00Z' as Instant;
const LATER = '2026-11-22T00:00:00Z' as Instant;
const FIRST = '2026-08-24' as Day;

/** One day per element: null = no report, else successful and failed. */
function trend(days: readonly (readonly [successful: number, failed: number] | null)[]): Trend {
  const daily = days.flatMap((counts, index) =>
    counts === null
      ? []
      : [
          {
            domain: 'example.com',
            day: addDays(FIRST, index),
            policy_type: 'sts',
            successful: counts[0],
            failed: counts[1],
            unknown_entries: 0,
            reporters: 1,
          },
        ],
  );
  return trendOf(
    'sts',
    daily,
    days.map((_, index) => addDays(FIRST, index)),
  );
}

const QUIET = trend(Array.from({ length: 89 }, () => [100, 0]));
const BUSY = trend(
  Array.from({ length: 89 }, (_, day) => (day > 20 && day < 30 ? null : [1000 + day * 7, day === 60 ? 212 : 0])),
);

test('the same data give the same bytes, whatever was drawn before', async () => {
  // Tick marks of the picture before are what could be left over: heights that need other ticks, in any order.
  const heights = [0, 1, 3, 8, 20, 50, 100, 150, 400, 1000, 3000];
  const day = (height: number, failed: number) =>
    trend(Array.from({ length: 89 }, (_, index) => (index % 2 ? [height, failed] : [0, 0])));
  const fresh = new Map<string, string>();
  for (const height of heights) {
    for (const failed of [0, 2, 20, 100]) {
      const module = await import(`${CHART}?${height}-${failed}`);
      fresh.set(`${height} ${failed}`, await module.trendChart(day(height, failed)));
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...fresh.keys()), { minLength: 2, maxLength: 8 }), async (order) => {
      for (const which of order) {
        const [height = 0, failed = 0] = which.split(' ').map(Number);
        assert.equal(await trendChart(day(height, failed)), fresh.get(which), order.join(', '));
      }
    }),
    { numRuns: 40 },
  );
});

test('every mark lies where Vega would have drawn it', async () => {
  const sessions = fc.oneof(
    fc.constant(null),
    fc.tuple(fc.nat({ max: 12 }), fc.constant(0)),
    fc.tuple(fc.nat({ max: 90_000 }), fc.oneof(fc.constant(0), fc.nat({ max: 3000 }))),
    fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(sessions, { minLength: 1, maxLength: 40 }), async (days) => {
      const shown = trend(days);
      const [ours, whole] = [await trendChart(shown), await wholeTrend(shown)];
      for (const fill of ['var(--area)', 'url(#hatch)', 'var(--warm)']) {
        for (let place = 0.5; place < 720; place += 720 / days.length / 3) {
          const [here, there] = [edgesAt(ours, fill, place), edgesAt(whole, fill, place)];
          const near = here.every((height, index) => Math.abs(height - (there[index] ?? Number.NaN)) < 0.11);
          assert.ok(near && here.length === there.length, `${fill} at ${place}: ${here}; Vega: ${there}`);
        }
      }
      const labels = (svg: string) => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
      const words = labels(ours).filter((text) => !/ on \d/.test(text ?? ''));
      for (const text of words) assert.ok(labels(whole).includes(text), `${text} in ${labels(whole)}`);
    }),
    { numRuns: 60 },
  );
});

test('pictures that reach to the same numbers share a frame, and nothing else', async () => {
  const [low, high] = [trend([[92, 0], [50, 3], null]), trend([[61, 0], null, [95, 4]])];
  const [one, other] = [await trendChart(low), await trendChart(high)];
  const frame = (svg: string) =>
    svg.replaceAll(/<g>(?:<path d="[^"]*" fill="[^"]*"[^>]*>)+<\/g>|<text[^>]*>\d+ on[^<]*<\/text>/g, '');
  assert.equal(frame(one), frame(other));
  assert.notEqual(one, other);
});

test('the worst day is labelled where there is room for the label', async () => {
  const failing = (days: readonly number[]) => trend(days.map((failed) => [1000, failed]));
  const place = async (days: readonly number[]) =>
    /<text text-anchor="([a-z]+)" transform="translate\(([\d.]+),[^>]*>\d+ on/
      .exec(await trendChart(failing(days)))
      ?.slice(1);
  const quiet = Array.from({ length: 40 }, () => 0);
  assert.deepEqual(await place([...quiet, 9, ...quiet]), ['start', '368.4']);
  assert.deepEqual(await place([...quiet, ...quiet, 9]), ['end', '707.1']);
  assert.deepEqual(await place([9, ...quiet.map(() => 8), ...quiet.map(() => 1)]), ['start', '368.4']);
  assert.equal(await place(quiet.map(() => 9)), undefined, 'bars from end to end');
});

test('a domain without a session has its zero line', async () => {
  const svg = await trendChart(trend(Array.from({ length: 10 }, () => [0, 0])));
  assert.match(svg, /d="M0,160H720V160H0Z"/);
});

test('pictures asked for at the same time do not mix', async () => {
  const [one, other, again] = await Promise.all([trendChart(BUSY), trendChart(QUIET), trendChart(BUSY)]);
  assert.equal(again, one);
  assert.notEqual(other, one);
  assert.equal(other, await trendChart(QUIET));
});

test('the picture follows UTC wherever it is drawn', async () => {
  const script = `
    const { trendChart } = await import(${JSON.stringify(CHART)});
    process.stdout.write(await trendChart(JSON.parse(process.argv[1])));`;
  const elsewhere = (zone: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(BUSY)], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });
  const here = await trendChart(BUSY);
  assert.equal(elsewhere('Pacific/Kiritimati'), here);
  for (const month of ['1 Sep', '1 Oct', '1 Nov']) assert.ok(here.includes(`>${month}<`), month);
});

test('it stands in a page with a strict policy: no style, no class of Vega, colours as variables, nothing fetched', async () => {
  const svg = await trendChart(BUSY);
  assert.doesNotMatch(svg, /style=|<image|href|#[0-9a-f]{6}|NaN|undefined|rgb/i);
  assert.deepEqual([...new Set(svg.match(/(?:fill|stroke)="[^"]*"/g))].sort(), [
    'fill="none"',
    'fill="url(#hatch)"',
    'fill="var(--area)"',
    'fill="var(--ink-2)"',
    'fill="var(--warm)"',
    'stroke="var(--hatch)"',
    'stroke="var(--ink-2)"',
    'stroke="var(--ink-3)"',
    'stroke="var(--rule)"',
    'stroke="var(--warm)"',
  ]);
  assert.ok(svg.length < 14_000, `${svg.length} bytes`);
});

test('without a failure the lower lane says so instead of showing an empty scale', async () => {
  const svg = await trendChart(QUIET);
  assert.match(svg, />none failed</);
  assert.doesNotMatch(svg, />[24](?: failed)?</);
});

test('days without figures are hatched in both lanes, once for each run of them', async () => {
  const hatched = (svg: string) => svg.match(/fill="url\(#hatch\)"/g)?.length ?? 0;
  assert.equal(hatched(await trendChart(BUSY)), 2);
  assert.equal(hatched(await trendChart(QUIET)), 0);
  assert.deepEqual(gapsOf(BUSY), [{ from: addDays(FIRST, 21), to: addDays(FIRST, 29) }]);
});

test('the worst day is labelled in the picture and told in the sentence', async () => {
  assert.match(await trendChart(BUSY), />212 on 23 Oct</);
  assert.equal(
    trendSentence(BUSY, NOW),
    `From 24 August to 20 November 2026, reports count ${(BUSY.successful + 212).toLocaleString('en')} sessions; 212 failed, all on 23 October. Nine of the 89 days have no figures: hatched. Reports of 20 November may still arrive.`,
  );
  assert.match(trendSentence(QUIET, LATER), /; none failed\. Every day has a report\.$/);
});

test('a day whose reports leave the counts out is not known, and a day of zero sessions is not a gap', () => {
  const row = { domain: 'example.com', policy_type: 'sts', successful: 0, failed: 0, reporters: 1 };
  const days = [FIRST, addDays(FIRST, 1), addDays(FIRST, 2)];
  const daily = [
    { ...row, day: FIRST, unknown_entries: 1 },
    { ...row, day: addDays(FIRST, 1), unknown_entries: 0 },
  ];
  const shown = trendOf('sts', daily, days);
  assert.deepEqual(
    shown.days.map(({ successful }) => successful),
    [null, 0, null],
  );
  assert.equal(shown.days_with_data, 1);
  assert.equal(shown.share, successShare(0, 0));
});

test('the small line keeps its zero, its gaps and a tick for each failing day', () => {
  const small = sparkline(trend([[10, 0], [10, 0], null, [5, 5], [0, 0]]));
  assert.deepEqual(small, {
    width: 20,
    height: 21.5,
    shape: 'M0 16.5V1.5h8V16.5zM12 16.5V1.5h4V16.5h4V16.5z',
    failures: 'M14 18.5v3',
  });
});

test('the figures as rows: newest first, and a day without them says which of both it is', () => {
  const day = { unknown_entries: 0, failed: null };
  const days = [
    { ...day, day: '2026-11-18' as Day, successful: null, reporters: 0 },
    { ...day, day: '2026-11-19' as Day, successful: null, reporters: 1, unknown_entries: 2 },
    { ...day, day: '2026-11-20' as Day, successful: 1525, failed: 3, reporters: 4, unknown_entries: 1 },
  ];
  assert.equal(
    dayRows({ days }),
    '<tr><th scope="row">20 November 2026<td>1,525<td>3<td>4 (1 without counts)' +
      '<tr><th scope="row">19 November 2026<td colspan="2">counts not given<td>1' +
      '<tr><th scope="row">18 November 2026<td colspan="2">no report<td>0',
  );
});
