import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import { addDays, type Day } from '#scripts/core/clock.ts';
import { LEAST_SESSIONS, TREND_SPEC } from '#site/shared/charts/trend-spec.ts';
import { gapsOf, type Trend } from '#site/shared/view-models/trend.ts';

const at = (day: Day) => Date.parse(`${day}T00:00:00Z`);

/** The picture of sessions and failures with every mark drawn by Vega itself: what trend-chart.ts puts into a frame must lie there. */
export async function wholeTrend(trend: Trend): Promise<string> {
  const [first, last] = [trend.days[0], trend.days.at(-1)];
  if (first === undefined || last === undefined) throw new Error('There is no day');
  const totals = trend.days.map(({ successful, failed }) => (successful === null ? null : successful + (failed ?? 0)));
  const view = new View(parse(compile(TREND_SPEC).spec), { renderer: 'none' });
  view.signal('shown', [at(first.day), at(addDays(last.day, 1))]);
  view.signal('most_sessions', Math.max(LEAST_SESSIONS, ...totals.map((total) => total ?? 0)));
  view.signal('most_failed', Math.max(0, ...trend.days.map(({ failed }) => failed ?? 0)));
  view.data(
    'sessions',
    trend.days.flatMap(({ day }, index) => {
      const sessions = totals[index] ?? null;
      const step = { at: at(day), sessions };
      return sessions !== null && (totals[index + 1] ?? null) === null
        ? [step, { at: at(addDays(day, 1)), sessions }]
        : [step];
    }),
  );
  view.data(
    'gaps',
    gapsOf(trend).map(({ from, to }) => ({ from: at(from), to: at(addDays(to, 1)) })),
  );
  view.data(
    'failures',
    trend.days.flatMap(({ day, failed }) =>
      failed === null || failed === 0
        ? []
        : [{ from: at(day) + 8_640_000, to: at(addDays(day, 1)) - 8_640_000, failed }],
    ),
  );
  return await view.toSVG();
}

/** How high the level edges of this colour lie above and below a place, from the top, without doubles. */
export function edgesAt(svg: string, fill: string, place: number): readonly number[] {
  const paths = [...svg.matchAll(/<path[^>]*>/g)]
    .map(([path]) => path)
    .filter((path) => path.includes(`fill="${fill}"`));
  const heights = paths
    .flatMap((path) => levelEdges(/ d="([^"]*)"/.exec(path)?.[1] ?? ''))
    .filter(({ from, to }) => Math.min(from, to) < place && place < Math.max(from, to))
    .map(({ height }) => Math.round(height * 10) / 10);
  return [...new Set(heights)].sort((one, other) => one - other);
}

function levelEdges(path: string) {
  const edges: { readonly from: number; readonly to: number; readonly height: number }[] = [];
  let [x, y, beginX, beginY] = [0, 0, 0, 0];
  for (const [, command = '', text = ''] of path.matchAll(/([MLHVhvZ])([^MLHVhvZ]*)/g)) {
    const [one = 0, two = 0] = text.split(',').map(Number);
    const [fromX, fromY] = [x, y];
    if (command === 'M') [x, y, beginX, beginY] = [one, two, one, two];
    if (command === 'L') [x, y] = [one, two];
    if (command === 'Z') [x, y] = [beginX, beginY];
    if (command === 'H') x = one;
    if (command === 'V') y = one;
    if (command === 'h') x += one;
    if (command === 'v') y += one;
    if (command !== 'M' && y === fromY) edges.push({ from: fromX, to: x, height: y });
  }
  return edges;
}
