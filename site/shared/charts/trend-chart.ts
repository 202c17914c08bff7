import { addDays } from '#scripts/core/clock.ts';
import { type DailyFigures, gapsOf } from '../view-models/trend.ts';
import { number, shortDay } from '../view-models/words.ts';
import { rounded, startOf } from './pixels.ts';
import { type Frame, type Marks, trendFrame } from './trend-frame.ts';
import { LANE_HEIGHTS } from './trend-spec.ts';

/** Bars leave this part of a day free at either side. */
const BAR_INSET = 0.1;
/** Between the label of the worst day and the bars it stands beside, in pixels. */
const LABEL_GAP = 4;
/** Letters of 12 pixels, about. */
const LETTER = 7;

/** Of a trend, what its picture shows. */
export interface DrawnTrend {
  /** Consecutive days. */
  readonly days: readonly DailyFigures[];
}

/**
 * The time picture as one inline SVG: no style attribute, no identifier but `hatch`, the same bytes for the same data.
 * Vega draws the frame of it, scales, axes and their words, which many domains have in common; what differs, an outline and
 * some bars, is put into the frame here. To let Vega draw these too takes as long as all the rest of a page.
 */
export async function trendChart({ days }: DrawnTrend): Promise<string> {
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (first === undefined || last === undefined) return '';
  const most = days.reduce((max, { failed }) => Math.max(max, failed ?? 0), 0);
  const frame = await trendFrame({
    from: startOf(first),
    to: startOf(addDays(last, 1)),
    sessions: days.reduce((max, day) => Math.max(max, sessionsOf(day) ?? 0), 0),
    failed: most,
  });
  const x = (index: number) => (index / days.length) * frame.width;
  return frame.filled({
    outline: outline(days, frame, x),
    gaps: LANE_HEIGHTS.map((height) => gaps(days, height, x)),
    bars: bars(days, frame, x),
    label: worstDay(days, frame, most, x),
  });
}

type Position = (index: number) => number;

/** A step for each day on the zero line, a closed shape for each run of days with figures; of equal days only the ends. */
function outline(days: DrawnTrend['days'], { sessionsAt }: Frame, x: Position): string {
  const zero = rounded(LANE_HEIGHTS[0]);
  let path = '';
  let begin: number | null = null;
  let height = 0;
  for (const [index, day] of days.entries()) {
    const sessions = sessionsOf(day);
    if (sessions === null) continue;
    const y = rounded(sessionsAt(sessions));
    if (begin === null) {
      begin = rounded(x(index));
      path += `M${begin},${y}`;
    } else if (y !== height) path += `H${rounded(x(index))}V${y}`;
    height = y;
    const next = days[index + 1];
    if (next !== undefined && sessionsOf(next) !== null) continue;
    path += `H${rounded(x(index + 1))}V${zero}H${begin}Z`;
    begin = null;
  }
  return path;
}

function gaps(days: DrawnTrend['days'], height: number, x: Position): readonly string[] {
  const places = new Map(days.map(({ day }, index) => [day, index]));
  return gapsOf({ days }).map(({ from, to }) =>
    rectangle(x(places.get(from) ?? 0), 0, x((places.get(to) ?? 0) + 1), height),
  );
}

function bars(days: DrawnTrend['days'], { failedAt }: Frame, x: Position): readonly string[] {
  return days.flatMap(({ failed }, index) =>
    failed === null || failed === 0
      ? []
      : [rectangle(x(index + BAR_INSET), failedAt(failed), x(index + 1 - BAR_INSET), LANE_HEIGHTS[1])],
  );
}

/** The highest bar says its number and day itself, beside the run of bars it stands in, where there is room. */
function worstDay(days: DrawnTrend['days'], { width, failedAt }: Frame, most: number, x: Position): Marks['label'] {
  const index = days.findIndex(({ failed }) => most > 0 && failed === most);
  const worst = days[index];
  if (worst === undefined) return null;
  const endOfRun = (step: 1 | -1): number => {
    let end = index;
    while ((days[end + step]?.failed ?? 0) > most / 8) end += step;
    return end;
  };
  const text = `${number(most)} on ${shortDay(worst.day)}`;
  const [left, right] = [x(endOfRun(-1)) - LABEL_GAP, x(endOfRun(1) + 1) + LABEL_GAP];
  const before = { x: rounded(left), anchor: 'end', room: left } as const;
  const after = { x: rounded(right), anchor: 'start', room: width - right } as const;
  const side = (index > days.length * 0.6 ? [before, after] : [after, before]).find(
    ({ room }) => room > text.length * LETTER,
  );
  return side === undefined ? null : { x: side.x, y: rounded(failedAt(most)), anchor: side.anchor, text };
}

function rectangle(left: number, top: number, right: number, bottom: number): string {
  const width = rounded(right - left);
  return `M${rounded(left)},${rounded(top)}h${width}v${rounded(bottom - top)}h-${width}Z`;
}

function sessionsOf({ successful, failed }: DailyFigures): number | null {
  return successful === null ? null : successful + (failed ?? 0);
}
