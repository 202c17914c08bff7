import type { Day, Instant } from './clock.ts';

/** Days and times in words, as pages and mails write them: docs/design.md, Words. Fixed English and UTC: no machine's locale shows through. */

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `20 November 2026`. */
export function longDay(day: Day): string {
  return `${dayAndMonth(day)} ${day.slice(0, 4)}`;
}

/** `20 November`, where the year stands nearby. */
export function dayAndMonth(day: Day): string {
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
}

/** `20 November`, with the year when it is not that of `now`. */
export function nearDay(day: Day, now: Instant): string {
  return day.slice(0, 4) === now.slice(0, 4) ? dayAndMonth(day) : longDay(day);
}

/** `20 Nov`. */
export function shortDay(day: Day): string {
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]?.slice(0, 3)}`;
}

/** `23 August to 20 November 2026`. */
export function daySpan(from: Day, to: Day): string {
  if (from === to) return longDay(from);
  return `${from.slice(0, 4) === to.slice(0, 4) ? dayAndMonth(from) : longDay(from)} to ${longDay(to)}`;
}

/** `21 November 2026, 06:00 UTC`. */
export function instantText(instant: Instant): string {
  return `${longDay(instant.slice(0, 10) as Day)}, ${instant.slice(11, 16)} UTC`;
}

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])`;
const MOMENTS = new RegExp(String.raw`\b(${DAY})(?:T([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?:\.\d+)?Z)?\b`, 'g');

/**
 * Days that our own sentences carry as `2026-11-19`, written out: `19 November`, with the year when it is another one. A
 * moment keeps its time: `19 November, 03:17 UTC`.
 */
export function withDays(text: string, now: Instant): string {
  return text.replaceAll(MOMENTS, (_, day: string, hour?: string, minute?: string) =>
    hour === undefined ? nearDay(day as Day, now) : `${nearDay(day as Day, now)}, ${hour}:${minute} UTC`,
  );
}
