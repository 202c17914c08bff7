import { parse, type Spec, View } from 'vega';
import { compile } from 'vega-lite';
import { addDays, type Day } from '#scripts/core/clock.ts';
import type { Trend } from '../view-models/trend.ts';
import { topOf } from './count-scale.ts';
import { tidySvg } from './tidy-svg.ts';
import { failureMarks, mostOf, sessionMarks } from './trend-marks.ts';
import { LANE_GAP, LANE_HEIGHTS, TREND_PADDING, TREND_SPEC, TREND_WIDTH } from './trend-spec.ts';

/** What frames differ in: few, whatever the number of domains, because scales end on round numbers. */
interface FrameOf {
  readonly from: number;
  readonly to: number;
  readonly sessions: number;
  readonly failed: number;
  readonly none: boolean;
}
/** What stands before, between and after the marks of the two lanes. */
type Frame = readonly [string, string, string];

let view: View | null = null;
let drawing: Promise<unknown> = Promise.resolve();
const frames = new Map<string, Promise<Frame>>();

/**
 * The time picture as one inline SVG: no style attribute, no identifier but `hatch`, the same bytes for the same data. Vega-Lite
 * draws each frame once; the marks of a domain are put into it.
 */
export async function trendChart(trend: Trend): Promise<string> {
  const first = trend.days[0]?.day;
  const last = trend.days.at(-1)?.day;
  if (first === undefined || last === undefined) return '';
  const most = mostOf(trend);
  const [sessions, failed] = [topOf(most.sessions), topOf(most.failed)];
  const [before, between, after] = await frame({
    from: startOf(first),
    to: startOf(addDays(last, 1)),
    sessions,
    failed,
    none: most.failed === 0,
  });
  const [upper, lower] = LANE_HEIGHTS;
  const marks = sessionMarks(trend, { height: upper, top: sessions });
  return `${before}${marks}${between}${failureMarks(trend, { height: lower, top: failed })}${after}`;
}

function frame(of: FrameOf): Promise<Frame> {
  const key = Object.values(of).join();
  const known = frames.get(key);
  if (known !== undefined) return known;
  // One view draws all, one after the other.
  const drawn = drawing.then(() => drawFrame(of));
  drawing = drawn.catch(() => undefined);
  frames.set(key, drawn);
  return drawn;
}

async function drawFrame({ from, to, sessions, failed, none }: FrameOf): Promise<Frame> {
  view ??= new View(parse(lanes(compile(TREND_SPEC).spec)), { renderer: 'none' });
  view.signal('shown', [from, to]);
  view.signal('most_sessions', sessions);
  view.signal('most_failed', failed);
  view.signal('none_failed', none);
  view.data('place', [{ from, to }]);
  const [before, between, after, more] = tidySvg(await view.toSVG()).split(/<path [^>]*fill="url\(#hatch\)"[^>]*>/);
  if (before === undefined || between === undefined || after === undefined || more !== undefined)
    throw new Error('The frame of the picture has not two lanes.');
  return [before, between, after];
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

function startOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}
