import { addDays, type Day, daysFrom, type Instant } from '../clock.ts';
import type { SessionWindow } from './sessions.ts';

/** One month of a window, and the part of the window that lies in it. */
export interface MonthOfWindow {
  /** `2026-11`. */
  readonly month: string;
  /** Its days, first to last. */
  readonly calendar: readonly Day[];
  readonly window: SessionWindow;
}

/** First and last day of a month, `2026-11`. */
export function monthDays(month: string): { readonly from: Day; readonly to: Day } {
  const from = `${month}-01` as Day;
  return { from, to: addDays(`${addDays(from, 31).slice(0, 7)}-01` as Day, -1) };
}

/** The months of a window, oldest first. */
export function monthsOf({
  from,
  to,
  now,
}: {
  readonly from: Day;
  readonly to: Day;
  readonly now: Instant;
}): readonly MonthOfWindow[] {
  const months = [...new Set(daysFrom(from, to).map((day) => day.slice(0, 7)))];
  return months.map((month) => {
    const { from: first, to: last } = monthDays(month);
    const window = { from: from > first ? from : first, to: to < last ? to : last, now };
    return { month, calendar: daysFrom(first, last), window };
  });
}

/** So many rows are counted at a time: more would not fit the memory that counting may take. */
const ROWS_AT_ONCE = 4_000_000;

/** From so many rows on it is worth to keep what was counted of a week: the window moves on every day. */
const ROWS_BY_WEEK = 1_000_000;

/**
 * A window of one month in pieces of whole days: what is stored twice of one report lies within one day. Pieces begin on the
 * same days of the month whatever the window, and end where nothing more is stored, so that what was counted of one can be
 * kept. `rows` tells how many a day has.
 */
export function piecesOf(window: SessionWindow, rows: (day: Day) => number): readonly SessionWindow[] {
  const stored = daysFrom(window.from, window.to).filter((day) => rows(day) > 0);
  const [first, last] = [stored[0], stored.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = daysFrom(first, last);
  const total = days.reduce((sum, day) => sum + rows(day), 0);
  const { from, to } = monthDays(first.slice(0, 7));
  const isWhole = window.from === from && window.to === to;
  if (total <= (isWhole ? ROWS_AT_ONCE : ROWS_BY_WEEK)) return [{ from: first, to: last, now: window.now }];
  const weeks = Map.groupBy(days, (day) => Math.min(3, Math.floor((Number(day.slice(8)) - 1) / 7)));
  return [...weeks.values()].flatMap((week) => {
    const many = week.reduce((sum, day) => sum + rows(day), 0) > ROWS_AT_ONCE;
    return (many ? week.map((day) => [day]) : [week]).map((piece) => ({
      from: piece[0] as Day,
      to: piece.at(-1) as Day,
      now: window.now,
    }));
  });
}
