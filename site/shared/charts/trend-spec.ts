import type { TopLevelSpec } from 'vega-lite';

/** Pixels at full size; narrower, the picture scales and the style sheet enlarges its letters. */
export const TREND_WIDTH = 720;
const SESSIONS_HEIGHT = 160;
const FAILURES_HEIGHT = 88;
export const LANE_HEIGHTS = [SESSIONS_HEIGHT, FAILURES_HEIGHT] as const;
export const LANE_GAP = 24;
/** About so many lines above zero. */
export const TICKS = 2;
/** Above the first lane for its topmost label, below the last one for the months. */
export const TREND_PADDING = { left: 0, right: 0, top: 18, bottom: 22 } as const;

const x = { type: 'temporal', scale: { type: 'utc', domain: { signal: 'shown' }, nice: false } } as const;
/** Labels stand on their grid line, inside: the picture needs no margin, and the topmost names the unit. */
const valueAxis = (label: string) =>
  ({
    format: ',d',
    tickMinStep: 1,
    labelAlign: 'left',
    labelBaseline: 'bottom',
    labelPadding: 0,
    labelOffset: -3,
    labelLimit: 0,
    zindex: 1,
    labelExpr: `datum.value === 0 ? '' : ${label}`,
  }) as const;

const place = { name: 'place' };

/**
 * The frame of the time picture of one domain and policy type, to be extended by lanes on the same axis: sessions above, failed
 * sessions on their own scale below (on one scale they would vanish), with the axes of both. What is drawn in a lane takes the
 * place of its one hatched mark: see trend-chart.ts. Colours are variables of the style sheet.
 */
export const TREND_SPEC = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: null,
  params: [
    { name: 'shown', value: [0, 1] },
    { name: 'most_sessions', value: 1 },
    { name: 'most_failed', value: 1 },
    { name: 'none_failed', value: false },
  ],
  datasets: { place: [] },
  vconcat: [
    {
      width: TREND_WIDTH,
      height: SESSIONS_HEIGHT,
      layer: [
        placeLayer(null),
        countLayer('most_sessions', "datum.index === 1 ? datum.label + ' sessions a day' : datum.label"),
      ],
    },
    {
      width: TREND_WIDTH,
      height: FAILURES_HEIGHT,
      layer: [
        placeLayer(monthAxis()),
        countLayer(
          'most_failed',
          "none_failed ? (datum.index === 1 ? 'none failed' : '') : datum.index === 1 ? datum.label + ' failed' : datum.label",
        ),
      ],
    },
  ],
  resolve: { scale: { x: 'shared' } },
  config: {
    font: 'inherit',
    aria: false,
    view: { stroke: null },
    axis: {
      domain: false,
      ticks: false,
      title: null,
      labelColor: 'var(--ink-2)',
      labelFontSize: 12,
      gridColor: 'var(--rule)',
    },
    text: { fontSize: 12 },
  },
} as unknown as TopLevelSpec;

function placeLayer(axis: object | null) {
  return {
    data: place,
    mark: { type: 'rect', fill: 'url(#hatch)' },
    encoding: { x: { field: 'from', ...x, axis }, x2: { field: 'to' } },
  };
}

/** The axis of a lane, from zero to `most`; its mark lies outside. */
function countLayer(most: string, label: string) {
  return {
    data: place,
    mark: { type: 'rule', opacity: 0 },
    encoding: {
      y: {
        field: 'count',
        type: 'quantitative',
        scale: { domain: [0, { signal: most }], nice: false },
        axis: { ...valueAxis(label), tickCount: TICKS },
      },
    },
  };
}

function monthAxis() {
  return {
    tickCount: { interval: 'month', step: 1 },
    labelExpr: "utcFormat(datum.value, '%-d %b')",
    labelAlign: 'left',
    labelOffset: 4,
    labelBaseline: 'alphabetic',
    labelPadding: -1,
    ticks: true,
    tickSize: 18,
    tickColor: 'var(--ink-3)',
    grid: true,
    domain: true,
    domainColor: 'var(--ink-3)',
  };
}
