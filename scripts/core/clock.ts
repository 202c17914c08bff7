/** UTC instants and days as text: they sort, compare and print as they are. The clock itself is always an argument. */

/** RFC 3339 in UTC with whole seconds, `2026-11-21T06:00:00Z`. */
export type Instant = string & { readonly __instant: never };
/** A UTC day, `2026-11-21`. */
export type Day = string & { readonly __day: never };

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
/** As an Instant is written: nearly all that is read. */
const CANONICAL = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** An RFC 3339 date-time with any offset as an Instant; null when it is not one. */
export function parseInstant(text: string): Instant | null {
  if (CANONICAL.test(text) && isDay(text.slice(0, 10))) return text as Instant;
  // Date.parse rolls 30 February over into March; a day that is not in the calendar is no date-time.
  if (!RFC3339.test(text) || parseDay(text.slice(0, 10)) === null) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : instantOf(ms);
}

/** Milliseconds since the epoch as an Instant (fractions of a second dropped). */
export function instantOf(epochMs: number): Instant {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z` as Instant;
}

export function epochMs(instant: Instant): number {
  return Date.parse(instant);
}

/** `2026-11-21` as a Day; null when there is no such day. */
export function parseDay(text: string): Day | null {
  return isDay(text) ? text : null;
}

/** The few days that are read again and again. */
const DAYS = new Set<string>();

/** There is such a day when its number gives it back. */
function isDay(text: string): text is Day {
  if (DAYS.has(text)) return true;
  if (!DAY.test(text) || dayOfNumber(daysFromCivil(text as Day)) !== text) return false;
  if (DAYS.size >= MOST_NUMBERS) DAYS.clear();
  DAYS.add(text);
  return true;
}

export function dayOf(instant: Instant): Day {
  return instant.slice(0, 10) as Day;
}

export function addDays(day: Day, days: number): Day {
  return dayOfNumber(dayNumber(day) + days);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

/** Every day from `from` to `to`, both included, ascending. */
export function daysFrom(from: Day, to: Day): readonly Day[] {
  const days: Day[] = [];
  const last = dayNumber(to);
  for (let number = dayNumber(from); number <= last; number++) days.push(dayOfNumber(number));
  return days;
}

/** Saturday or Sunday in UTC: mail has another rhythm there. */
export function isWeekend(day: Day): boolean {
  // Day 0 was a Thursday.
  const weekday = (dayNumber(day) + 4) % 7;
  return weekday === 0 || weekday === 6;
}

/** A fleet asks this of the same few days millions of times. */
const NUMBERS = new Map<Day, number>();
const MOST_NUMBERS = 10_000;

/** Days since 1 January 1970, in whole numbers. */
export function dayNumber(day: Day): number {
  const known = NUMBERS.get(day);
  if (known !== undefined) return known;
  if (NUMBERS.size >= MOST_NUMBERS) NUMBERS.clear();
  const number = daysFromCivil(day);
  NUMBERS.set(day, number);
  return number;
}

/** Hinnant's `days_from_civil`. */
function daysFromCivil(day: Day): number {
  const month = Number(day.slice(5, 7));
  const year = Number(day.slice(0, 4)) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(day.slice(8, 10)) - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function dayOfNumber(number: number): Day {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}` as Day;
}
