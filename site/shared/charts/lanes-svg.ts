import { addDays, type Day } from '#scripts/core/clock.ts';
import type { Bar, TimeLane } from '../view-models/time-lanes.ts';
import { shortDay } from '../view-models/words.ts';
import { rounded, startOf } from './pixels.ts';
import { TREND_WIDTH } from './trend-spec.ts';

/** Room for a title above each lane, large enough for the letters of a small screen; a bar; the space below it. */
const [TITLE, BAR, GAP] = [30, 14, 4];
/** Letters of 11 pixels, about. */
const LETTER = 6.5;
const SLIVER = 2;
const MONTHS_HEIGHT = 22;

export interface TimePicture {
  readonly days: readonly Day[];
  readonly lanes: readonly TimeLane[];
  /** What Vega drew of sessions and failures on the same days; empty without any report. */
  readonly trend: string;
}

/**
 * Lanes over the sessions of the same days, as one SVG: what stands in one column happened on one day. Drawn by hand, as bars
 * on an axis; the sessions below keep their specification.
 */
export function timePicture({ days, lanes, trend }: TimePicture): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || lanes.length === 0) return trend;
  const [from, to] = [startOf(first), startOf(addDays(last, 1))];
  const x = (at: number) => rounded(((at - from) / (to - from)) * TREND_WIDTH);
  let y = 0;
  let drawn = '';
  for (const { title, rows } of lanes) {
    drawn += `<text class="lane" y="${y + TITLE - 8}">${escaped(title)}</text>`;
    y += TITLE;
    for (const bars of rows) {
      drawn += bars.map((bar) => barSvg(bar, x, y)).join('');
      y += BAR + GAP;
    }
  }
  const [, height = '0'] = /viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(trend) ?? [];
  const below = trend === '' ? MONTHS_HEIGHT : Number(height);
  const months = monthStarts(days).map((day) => {
    const at = x(startOf(day));
    const name = trend === '' ? `<text x="${at + 4}" y="${y + MONTHS_HEIGHT - 6}">${shortDay(day)}</text>` : '';
    return `<path class="month" d="M${at} 0V${y + (trend === '' ? MONTHS_HEIGHT : 0)}"/>${name}`;
  });
  const nested = trend
    .replace('class="trend"', `y="${y}" width="${TREND_WIDTH}" height="${below}" overflow="visible"`)
    .replace(/ aria-hidden="true" focusable="false"/, '');
  return `<svg class="trend" viewBox="0 0 ${TREND_WIDTH} ${rounded(y + below)}" aria-hidden="true" focusable="false">${months.join('')}${drawn}${nested}</svg>`;
}

function barSvg({ from, to, kind, label, renewal }: Bar, x: (at: number) => number, y: number): string {
  const left = x(from);
  const width = Math.max(SLIVER, rounded(x(to) - left));
  const fits = width > label.length * LETTER + 10;
  const text = fits ? `<text class="fine on-${kind}" x="${left + 6}" y="${y + BAR - 3}">${escaped(label)}</text>` : '';
  const mark = renewal ? `<path class="renewal" d="M${left} ${y - 3}v${BAR + 6}"/>` : '';
  return `<rect class="bar-${kind}" x="${left}" y="${y}" width="${width}" height="${BAR}"/>${mark}${text}`;
}

function monthStarts(days: readonly Day[]): readonly Day[] {
  return days.filter((day) => day.endsWith('-01'));
}

/** Titles and labels come from the outside, made harmless as text; here they become markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
