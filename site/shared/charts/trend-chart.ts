import { parse, type Spec, View } from 'vega';
import { compile } from 'vega-lite';
import { addDays, type Day } from '#scripts/core/clock.ts';
import { type DailyFigures, gapsOf } from '../view-models/trend.ts';
import { number, shortDay } from '../view-models/words.ts';
import { tidySvg } from './tidy-svg.ts';
import { LANE_GAP, LANE_HEIGHTS, TREND_PADDING, TREND_SPEC, TREND_WIDTH } from './trend-spec.ts';

/** Bars leave this part of a day free at either side. */
const BAR_INSET_MS = 8_640_000;

/** Of a trend, what its picture shows. */
export interface DrawnTrend {
  readonly days: readonly DailyFigures[];
}

let view: View | null = null;
let drawing: Promise<unknown> = Promise.resolve();

/**
 * The time picture as one inline SVG: no style attribute, no identifier but `hatch`, the same bytes for the same data.
 * The specification is compiled once and its data swapped, which makes a picture four times as fast; so they are drawn
 * one after the other, whoever asks.
 */
export function trendChart(trend: DrawnTrend): Promise<string> {
  const drawn = drawing.then(() => draw(trend));
  drawing = drawn.catch(() => undefined);
  return drawn;
}

async function draw(trend: DrawnTrend): Promise<string> {
  view ??= new View(parse(lanes(compile(TREND_SPEC).spec)), { renderer: 'none' });
  const first = trend.days[0]?.day;
  const last = trend.days.at(-1)?.day;
  if (first === undefined || last === undefined) return '';
  const most = trend.days.reduce((max, { failed }) => Math.max(max, failed ?? 0), 0);
  view.signal('shown', [startOf(first), startOf(addDays(last, 1))]);
  view.signal('most_failed', most);
  view.data('sessions', steps(trend));
  view.data('failures', bars(trend));
  view.data(
    'gaps',
    gapsOf(trend).map(({ from, to }) => ({ from: startOf(from), to: startOf(addDays(to, 1)) })),
  );
  view.data('labels', worstDay(trend, most));
  return tidySvg(await view.toSVG());
}

/**
 * The same frame for every domain, whatever its labels: Vega-Lite knows this only for a single view, and measures the
 * lanes of a concatenation anew for each picture. Labels stay above the areas, grid lines below.
 */
function lanes(spec: Spec): Spec {
  let y = 0;
  const marks = (spec.marks ?? []).map((lane, index) => {
    if (lane.type !== 'group') return lane;
    const axes = (lane.axes ?? []).map((axis) => (axis.grid === true ? { ...axis, zindex: 0 } : axis));
    const placed = { ...lane, axes, encode: { ...lane.encode, enter: { ...lane.encode?.enter, y: { value: y } } } };
    y += (LANE_HEIGHTS[index] ?? 0) + LANE_GAP;
    return placed;
  });
  const { layout: _, ...rest } = spec;
  return { ...rest, marks, autosize: 'none', width: TREND_WIDTH, height: y - LANE_GAP, padding: TREND_PADDING };
}

/** A step for each day, closed where a run of days with figures ends. */
function steps({ days }: DrawnTrend) {
  return days.flatMap(({ day, successful, failed }, index) => {
    const at = startOf(day);
    const sessions = successful === null ? null : successful + (failed ?? 0);
    const ends = sessions !== null && days[index + 1]?.successful == null;
    return ends
      ? [
          { at, sessions },
          { at: startOf(addDays(day, 1)), sessions },
        ]
      : [{ at, sessions }];
  });
}

function bars({ days }: DrawnTrend) {
  return days.flatMap(({ day, failed }) =>
    failed === null || failed === 0
      ? []
      : [{ from: startOf(day) + BAR_INSET_MS, to: startOf(addDays(day, 1)) - BAR_INSET_MS, failed }],
  );
}

/** The highest bar says its number and day itself, beside the run of bars it stands in, where there is room. */
function worstDay({ days }: DrawnTrend, most: number) {
  const index = days.findIndex(({ failed }) => most > 0 && failed === most);
  const worst = days[index];
  if (worst === undefined) return [];
  const left = index > days.length * 0.6;
  const step = left ? -1 : 1;
  let edge = index;
  while ((days[edge + step]?.failed ?? 0) > most / 8) edge += step;
  const at = startOf(addDays(worst.day, edge - index + (left ? 0 : 1)));
  return [
    {
      at,
      failed: most,
      text: `${number(most)} on ${shortDay(worst.day)}`,
      align: left ? 'right' : 'left',
      dx: left ? -4 : 4,
    },
  ];
}

function startOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}
