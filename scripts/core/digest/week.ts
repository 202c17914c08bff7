import { addDays, type Day, dayOf, type Instant, parseDay } from '../clock.ts';

/** A week by ISO 8601, `2026-W47`: Monday to Sunday, UTC. */
export type Week = string & { readonly __week: never };

/** Null when there is no such week. */
export function parseWeek(text: string): Week | null {
  if (!/^\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])$/.test(text)) return null;
  return weekOf(mondayOf(text as Week)) === text ? (text as Week) : null;
}

export function mondayOf(week: Week): Day {
  const year = week.slice(0, 4);
  // 4 January is always in the first week.
  const first = mondayOn(parseDay(`${year}-01-04`) as Day);
  return addDays(first, (Number(week.slice(6)) - 1) * 7);
}

export function sundayOf(week: Week): Day {
  return addDays(mondayOf(week), 6);
}

export function weekOf(day: Day): Week {
  // The Thursday decides to which year a week belongs.
  const thursday = addDays(mondayOn(day), 3);
  const year = thursday.slice(0, 4);
  const first = mondayOn(parseDay(`${year}-01-04`) as Day);
  const number = Math.round((Date.parse(mondayOn(day)) - Date.parse(first)) / (7 * 86_400_000)) + 1;
  return `${year}-W${String(number).padStart(2, '0')}` as Week;
}

export function weekBefore(week: Week): Week {
  return weekOf(addDays(mondayOf(week), -7));
}

/** The newest week that is over at `now`. */
export function lastWeek(now: Instant): Week {
  return weekBefore(weekOf(dayOf(now)));
}

function mondayOn(day: Day): Day {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}
