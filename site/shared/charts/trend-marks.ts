import { gapsOf, type Trend } from '../view-models/trend.ts';
import { number, shortDay } from '../view-models/words.ts';
import { TREND_WIDTH } from './trend-spec.ts';

/** What stands in the lanes of one domain, by hand, within the frame of trend-spec.ts: there are thousands. */

/** A lane as its frame has it: so high, for counts up to `top`. */
export interface Lane {
  readonly height: number;
  readonly top: number;
}

/** Bars leave this part of a day free at either side. */
const BAR_INSET = 0.1;
const LABEL_GAP = 4;

/** An area with a step for each day, open where days have no figures. */
export function sessionMarks(trend: Trend, { height, top }: Lane): string {
  const x = placeOf(trend);
  const y = (count: number) => rounded(height * (1 - count / top));
  let path = '';
  let before: number | null = null;
  for (const [index, { successful, failed }] of trend.days.entries()) {
    const sessions = successful === null ? null : successful + (failed ?? 0);
    if (sessions === null) path += before === null ? '' : `V${height}Z`;
    else {
      if (before === null) path += `M${x(index)},${height}`;
      if (sessions !== before) path += `V${y(sessions)}`;
      path += `H${x(index + 1)}`;
    }
    before = sessions;
  }
  if (before !== null) path += `V${height}Z`;
  const area = path === '' ? '' : `<path d="${path}" fill="var(--area)" stroke="var(--ink-2)" stroke-width="1"/>`;
  return gapMarks(trend, height) + area;
}

/** A bar for each day with failures; the highest says its number and day itself. */
export function failureMarks(trend: Trend, { height, top }: Lane): string {
  const x = placeOf(trend);
  const y = (count: number) => rounded(height * (1 - count / top));
  const path = trend.days
    .map(({ failed }, index) =>
      failed === null || failed === 0
        ? ''
        : `M${x(index + BAR_INSET)},${height}V${y(failed)}H${x(index + 1 - BAR_INSET)}V${height}Z`,
    )
    .join('');
  const bars = path === '' ? '' : `<path d="${path}" fill="var(--warm)" stroke="var(--warm)" stroke-width="1"/>`;
  return gapMarks(trend, height) + bars + worstDay(trend, x, y);
}

export function mostOf({ days }: Trend): { readonly sessions: number; readonly failed: number } {
  return days.reduce(
    (most, { successful, failed }) => ({
      sessions: Math.max(most.sessions, (successful ?? 0) + (failed ?? 0)),
      failed: Math.max(most.failed, failed ?? 0),
    }),
    { sessions: 0, failed: 0 },
  );
}

function gapMarks(trend: Trend, height: number): string {
  const x = placeOf(trend);
  const at = new Map(trend.days.map(({ day }, index) => [day, index]));
  return gapsOf(trend)
    .map(({ from, to }) => [x(at.get(from) ?? 0), x((at.get(to) ?? 0) + 1)] as const)
    .map(([from, to]) => `<path d="M${from},0H${to}V${height}H${from}Z" fill="url(#hatch)"/>`)
    .join('');
}

/** Beside the run of bars it stands in, where there is room. */
function worstDay(trend: Trend, x: (index: number) => number, y: (count: number) => number): string {
  const { days } = trend;
  const most = mostOf(trend).failed;
  const index = days.findIndex(({ failed }) => most > 0 && failed === most);
  const worst = days[index];
  if (worst === undefined) return '';
  const left = index > days.length * 0.6;
  const step = left ? -1 : 1;
  let edge = index;
  while ((days[edge + step]?.failed ?? 0) > most / 8) edge += step;
  const at = rounded(left ? x(edge) - LABEL_GAP : x(edge + 1) + LABEL_GAP);
  const text = `${number(most)} on ${shortDay(worst.day)}`;
  return `<text text-anchor="${left ? 'end' : 'start'}" x="${at}" y="${rounded(y(most) + 9)}" font-size="12px" fill="var(--warm)">${text}</text>`;
}

/** Where a day begins, by its number. */
function placeOf({ days }: Trend): (index: number) => number {
  return (index) => rounded((index / days.length) * TREND_WIDTH);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
