import { addDays, type Day, dayOf, type Instant } from '../clock.ts';

/** A calendar month in UTC, `2026-10`. */
export type Month = string & { readonly __month: never };

/**
 * Days after the last one until a month may be frozen: a report of the last day may arrive until a day after it ends
 * (RFC 8460 §4.1), and tries again for another 24 hours (§5.5).
 */
const SETTLING_DAYS = 3;

/** `2026-10` as a Month; null when there is no such month. */
export function parseMonth(text: string): Month | null {
  return /^\d{4}-(?:0[1-9]|1[0-2])$/.test(text) ? (text as Month) : null;
}

export function monthOf(day: Day): Month {
  return day.slice(0, 7) as Month;
}

export function firstDay(month: Month): Day {
  return `${month}-01` as Day;
}

export function lastDay(month: Month): Day {
  return addDays(firstDay(nextMonth(month)), -1);
}

export function nextMonth(month: Month): Month {
  return addDays(firstDay(month), 31).slice(0, 7) as Month;
}

export function monthBefore(month: Month): Month {
  return addDays(firstDay(month), -1).slice(0, 7) as Month;
}

/** The first day on which the month may be frozen. */
export function freezableFrom(month: Month): Day {
  return addDays(lastDay(month), SETTLING_DAYS);
}

/** The newest month that may be frozen at `now`. */
export function newestFreezable(now: Instant): Month {
  const current = monthOf(dayOf(now));
  const last = monthBefore(current);
  return dayOf(now) >= freezableFrom(last) ? last : monthBefore(last);
}

/**
 * The months that are due at `now`, oldest first: after the last frozen one; at the very first time, those of the unbroken
 * run of months with rows that reaches the newest, so that one stray report of years ago does not begin the chain. In this
 * order they must be frozen, since each manifest names the one before.
 */
export function monthsDue(input: {
  readonly frozen: readonly Month[];
  readonly withRows: ReadonlySet<Month>;
  readonly now: Instant;
}): readonly Month[] {
  const newest = newestFreezable(input.now);
  const last = input.frozen.reduce<Month | null>((late, month) => (late === null || month > late ? month : late), null);
  const due: Month[] = [];
  if (last === null) {
    for (let month = newest; input.withRows.has(month); month = monthBefore(month)) due.unshift(month);
    return due;
  }
  for (let month = nextMonth(last); month <= newest; month = nextMonth(month)) due.push(month);
  return due;
}
