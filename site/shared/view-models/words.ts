import { epochMs, type Instant } from '#scripts/core/clock.ts';
import { grouped } from '#scripts/core/grouped.ts';
import { shareText } from '#scripts/core/share-text.ts';

export {
  dayAndMonth,
  daySpan,
  instantText,
  longDay,
  nearDay,
  shortDay,
  withDays,
} from '#scripts/core/day-words.ts';

/** Numbers, days and times as the pages write them. Fixed English and UTC: no machine's locale shows through. */

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `12,408`. */
export function number(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(value);
}

/** `1 domain`, `12,408 domains`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Small numbers in a sentence as words: `two`. */
export function inWords(value: number): string {
  return WORDS[value] ?? number(value);
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

/** The share of successful sessions: see shareText. Null without a session. */
export function successShare(successful: number, failed: number): string | null {
  const sessions = successful + failed;
  return sessions === 0 ? null : shareText(successful, sessions).replaceAll(' ', '\u00a0');
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
