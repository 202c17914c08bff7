import type { TopLevelSpec } from 'vega-lite';

/** Pixels at full size; narrower, the picture scales and the style sheet enlarges its letters. */
export const TREND_WIDTH = 720;
const SESSIONS_HEIGHT = 160;
const FAILURES_HEIGHT = 88;
export const LANE_HEIGHTS = [SESSIONS_HEIGHT, FAILURES_HEIGHT] as const;
export const LANE_GAP = 24;
/** The scales reach at least so far: a day without sessions lies on the zero line, one failed session is a low bar. */
export const LEAST_SESSIONS = 2;
export const LEAST_FAILED = 4;
/** Scales end on a round number; that of the failures, which is low, on one of few. */
export const FAILED_NICE = 2;
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

/**
 * The time picture of one domain and policy type, to be extended by lanes on the same axis: sessions as an area, failed
 * sessions as bars on their own scale below (on one scale they would vanish), days without figures hatched in both.
 * Colours are variables of the style sheet; nothing in it comes from a report but numbers and days.
 */
export const TREND_SPEC = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: null,
  params: [
    { name: 'shown', value: [0, 1] },
    { name: 'most_sessions', value: LEAST_SESSIONS },
    { name: 'most_failed', value: 0 },
  ],
  datasets: { sessions: [], failures: [], gaps: [], labels: [] },
  vconcat: [
    {
      width: TREND_WIDTH,
      height: SESSIONS_HEIGHT,
      layer: [
        gapLayer(null),
        {
          data: { name: 'sessions' },
          mark: {
            type: 'area',
            interpolate: 'step-after',
            fill: 'var(--area)',
            stroke: 'var(--ink-2)',
            strokeWidth: 1,
            invalid: 'break-paths-show-path-domains',
          },
          encoding: {
            x: { field: 'at', ...x, axis: null },
            y: {
              field: 'sessions',
              type: 'quantitative',
              stack: null,
              scale: { domainMin: 0, domainMax: { signal: 'most_sessions' }, nice: true },
              axis: { ...valueAxis("datum.index === 1 ? datum.label + ' sessions a day' : datum.label"), tickCount: 2 },
            },
          },
        },
      ],
    },
    {
      width: TREND_WIDTH,
      height: FAILURES_HEIGHT,
      layer: [
        gapLayer(monthAxis()),
        {
          data: { name: 'failures' },
          mark: { type: 'rect', fill: 'var(--warm)', stroke: 'var(--warm)', strokeWidth: 1 },
          encoding: {
            x: { field: 'from', ...x },
            x2: { field: 'to' },
            y: {
              field: 'failed',
              type: 'quantitative',
              scale: { domainMin: 0, domainMax: { signal: `max(${LEAST_FAILED}, most_failed)` }, nice: FAILED_NICE },
              axis: {
                ...valueAxis(
                  "most_failed === 0 ? (datum.index === 1 ? 'none failed' : '') : datum.index === 1 ? datum.label + ' failed' : datum.label",
                ),
                tickCount: 2,
              },
            },
          },
        },
        {
          data: { name: 'labels' },
          mark: { type: 'text', baseline: 'top', align: 'left', fill: 'var(--warm)' },
          encoding: { x: { field: 'at', ...x }, y: { field: 'failed', type: 'quantitative' }, text: { field: 'text' } },
        },
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

function gapLayer(axis: object | null) {
  return {
    data: { name: 'gaps' },
    mark: { type: 'rect', fill: 'url(#hatch)' },
    encoding: { x: { field: 'from', ...x, axis }, x2: { field: 'to' } },
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
