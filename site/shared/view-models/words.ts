import { type Day, epochMs, type Instant } from '#scripts/core/clock.ts';

/** Numbers, days and times as the pages write them. Fixed English and UTC: no machine's locale shows through. */

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
const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `12,408`. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 domain`, `12,408 domains`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Small numbers in a sentence as words: `two`. */
export function inWords(value: number): string {
  return WORDS[value] ?? number(value);
}

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

/** How long before `now` something happened: `2 hours before`. */
export function before(instant: Instant, now: Instant): string {
  const minutes = Math.floor((epochMs(now) - epochMs(instant)) / 60_000);
  if (minutes < 1) return 'less than a minute before';
  if (minutes < 60) return `${count(minutes, 'minute')} before`;
  if (minutes < 48 * 60) return `${count(Math.floor(minutes / 60), 'hour')} before`;
  return `${count(Math.floor(minutes / 1440), 'day')} before`;
}

/** Whole units where the number is whole, `7 days`; else hours or seconds. */
export function duration(seconds: number): string {
  if (seconds === 0) return '0 seconds';
  if (seconds % 86_400 === 0) return count(seconds / 86_400, 'day');
  if (seconds > 172_800) return `about ${count(Math.round(seconds / 86_400), 'day')}`;
  if (seconds % 3_600 === 0) return count(seconds / 3_600, 'hour');
  return count(seconds, 'second');
}

/**
 * The share of successful sessions in per cent, rounded down: while a session fails it never reads 100 %. Between 99.9
 * and 100 two decimals, else one. Null without a session.
 */
export function successShare(successful: number, failed: number): string | null {
  const sessions = successful + failed;
  if (sessions === 0) return null;
  if (failed === 0) return '100\u00a0%';
  const share = (successful / sessions) * 100;
  const [scale, decimals] = share >= 99.9 ? [100, 2] : [10, 1];
  return `${(Math.floor(share * scale) / scale).toFixed(decimals)}\u00a0%`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** The first letter large: for a sentence put together from parts. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
