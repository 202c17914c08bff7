/** UTC instants and days as text: they sort, compare and print as they are. The clock itself is always an argument. */

/** RFC 3339 in UTC with whole seconds, `2026-11-21T06:00:00Z`. */
export type Instant = string & { readonly __instant: never };
/** A UTC day, `2026-11-21`. */
export type Day = string & { readonly __day: never };

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** An RFC 3339 date-time with any offset as an Instant; null when it is not one. */
export function parseInstant(text: string): Instant | null {
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
  if (!DAY.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : (text as Day);
}

export function dayOf(instant: Instant): Day {
  return instant.slice(0, 10) as Day;
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10) as Day;
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Every day from `from` to `to`, both included, ascending. */
export function daysFrom(from: Day, to: Day): readonly Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Saturday or Sunday in UTC: mail has another rhythm there. */
export function isWeekend(day: Day): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}
