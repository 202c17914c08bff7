import { parse, type Spec, scale, View } from 'vega';
import { compile } from 'vega-lite';
import { rounded } from './pixels.ts';
import { tidySvg } from './tidy-svg.ts';
import {
  FAILED_NICE,
  LANE_GAP,
  LANE_HEIGHTS,
  LEAST_FAILED,
  LEAST_SESSIONS,
  TREND_PADDING,
  TREND_SPEC,
  TREND_WIDTH,
} from './trend-spec.ts';

/** How far the axes of a picture reach. */
export interface Reach {
  /** Milliseconds of the epoch, at midnight UTC. */
  readonly from: number;
  readonly to: number;
  /** The highest number of a day. */
  readonly sessions: number;
  readonly failed: number;
}

/** What is put into a frame: path data in pixels, all of it made here. */
export interface Marks {
  readonly outline: string;
  /** For each lane. */
  readonly gaps: readonly (readonly string[])[];
  readonly bars: readonly string[];
  readonly label: {
    readonly x: number;
    readonly y: number;
    readonly anchor: 'start' | 'end';
    readonly text: string;
  } | null;
}

export interface Frame {
  readonly width: number;
  /** Pixels from the top of the lane. */
  readonly sessionsAt: (sessions: number) => number;
  readonly failedAt: (failed: number) => number;
  readonly filled: (marks: Marks) => string;
}

/** Frames that are kept: some hundreds serve ten thousand domains. */
const MOST_FRAMES = 1000;
const frames = new Map<string, Promise<Frame>>();
let view: View | null = null;
let drawing: Promise<unknown> = Promise.resolve();

/**
 * Scales, axes and words of a picture as Vega draws them of trend-spec.ts, with places for the marks. The specification is
 * compiled once and its reach swapped, so frames are drawn one after the other, whoever asks.
 */
export function trendFrame(reach: Reach): Promise<Frame> {
  // Axes end on a round number: what reaches to the same one has the same frame.
  const sessions = scale('linear')()
    .domain([0, Math.max(LEAST_SESSIONS, reach.sessions)])
    .nice()
    .domain()[1];
  const failed =
    reach.failed === 0
      ? 0
      : scale('linear')()
          .domain([0, Math.max(LEAST_FAILED, reach.failed)])
          .nice(FAILED_NICE)
          .domain()[1];
  const round = { ...reach, sessions, failed };
  const key = Object.values(round).join(' ');
  const known = frames.get(key);
  if (known !== undefined) return known;
  const drawn = drawing.then(() => draw(round));
  drawing = drawn.catch(() => undefined);
  if (frames.size >= MOST_FRAMES) frames.clear();
  frames.set(key, drawn);
  return drawn;
}

async function draw({ from, to, sessions, failed }: Reach): Promise<Frame> {
  view ??= new View(parse(lanes(compile(TREND_SPEC).spec)), { renderer: 'none' });
  view.signal('shown', [from, to]).signal('most_sessions', sessions).signal('most_failed', failed);
  // One mark of each kind shows how it looks, and where in the picture it lies.
  view.data('sessions', [
    { at: from, sessions },
    { at: to, sessions },
  ]);
  view.data('gaps', [{ from, to }]);
  view.data('failures', failed === 0 ? [] : [{ from, to, failed }]);
  view.data('labels', failed === 0 ? [] : [{ at: from, failed, text: 'worst' }]);
  const svg = tidySvg(await view.toSVG());
  return {
    width: TREND_WIDTH,
    sessionsAt: linear(view.scale('concat_0_y'), LANE_HEIGHTS[0]),
    failedAt: failed === 0 ? () => LANE_HEIGHTS[1] : linear(view.scale('concat_1_y'), LANE_HEIGHTS[1]),
    filled: places(svg, failed > 0),
  };
}

/** The scale as it is now, since Vega changes its own with the next picture. */
function linear(drawn: { readonly domain: () => readonly number[] }, height: number): (value: number) => number {
  const most = drawn.domain()[1] ?? 1;
  return (value) => height * (1 - value / most);
}

/** A group of one mark, known by a colour that no axis has. */
const MARK = /<g><(path|text)([^>]*(?:url\(#hatch\)|var\(--area\)|var\(--warm\))[^>]*)(?:\/>|>[^<]*<\/text>)<\/g>/;

/** The picture cut where a kind of mark lies; each is drawn with what else the specification says of it. */
function places(svg: string, hasFailures: boolean): Frame['filled'] {
  const pieces = svg.split(MARK);
  const literals = pieces.filter((_, at) => at % 3 === 0);
  const looks = pieces.filter((_, at) => at % 3 === 2).map((look) => look.replace(/ d="[^"]*"/, ''));
  if (looks.length !== (hasFailures ? 5 : 3)) throw new Error(`Vega drew ${looks.length} kinds of marks`);
  const paths = (data: readonly string[], look = '') => data.map((d) => `<path d="${d}"${look}/>`).join('');
  return ({ outline, gaps, bars, label }) => {
    const marks = [
      paths(gaps[0] ?? [], looks[0]),
      paths(outline === '' ? [] : [outline], looks[1]),
      paths(gaps[1] ?? [], looks[2]),
      paths(bars, looks[3]),
      label === null ? '' : text(label, looks[4]),
    ];
    return literals.map((literal, at) => `${marks[at - 1] ? `<g>${marks[at - 1]}</g>` : ''}${literal}`).join('');
  };
}

/** The placeholder lies at the top of its lane, so that its place is how far the letters hang below theirs. */
function text({ x, y, anchor, text }: NonNullable<Marks['label']>, look = ''): string {
  const placed = look
    .replace(/text-anchor="[a-z]+"/, `text-anchor="${anchor}"`)
    .replace(/translate\(0,([\d.]+)\)/, (_, hang: string) => `translate(${x},${rounded(y + Number(hang))})`);
  return `<text${placed}>${text}</text>`;
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
