/** A date-time read tolerantly, as an instant in UTC with whole seconds: `2026-11-21T00:00:00Z`. */
export interface DateTimeReading {
  readonly instant: string;
  /**
   * `no-offset` (read as UTC) · `offset` (converted) · `hour-24` (the next midnight) · `leap-second` (the second
   * before) · `date-form` (a space for the `T`, or an offset without a colon).
   */
  readonly repairs: readonly string[];
}

/** What almost everyone sends, told without taking it apart: every moment of the calendar but 29 February. */
const CANONICAL =
  /^(?:19[7-9]\d|[2-9]\d{3})-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const TOLERATED = /^(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:([Zz])|([+-])(\d\d)(:?)(\d\d))?$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The letter of RFC 3339 §5.6 `date-time`; whether such a moment exists is another question. */
export function isRfc3339(text: string): boolean {
  return RFC3339.test(text);
}

/** Null when the text names no moment from 1970 to 9999. Fractions of a second are dropped. */
export function readDateTime(text: string): DateTimeReading | null {
  if (CANONICAL.test(text)) return { instant: text, repairs: [] };
  const parts = TOLERATED.exec(text);
  if (!parts) return null;
  const [, , , , separator, , , , utc, sign, offsetHours, colon, offsetMinutes] = parts;
  const [year = 0, month = 0, day = 0] = parts.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = parts.slice(5, 8).map(Number);
  const leapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !leapYear ? 28 : (DAYS[month - 1] ?? 0);
  const midnight = hour === 24 && minute === 0 && second === 0;
  if (year < 1970 || day < 1 || day > days || (hour > 23 && !midnight) || minute > 59 || second > 60) return null;

  const repairs: string[] = [];
  if (midnight) repairs.push('hour-24');
  if (second === 60) repairs.push('leap-second');
  if (separator === ' ' || (sign !== undefined && colon === '')) repairs.push('date-form');
  let offset = 0;
  if (sign !== undefined) {
    if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
    offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
    if (offset !== 0) repairs.push('offset');
  } else if (utc === undefined) repairs.push('no-offset');

  const epochMs = Date.UTC(year, month - 1, day, hour, minute - offset, Math.min(second, 59));
  const instant = `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
  return /^(?:19[7-9]|[2-9]\d\d)\d-/.test(instant) ? { instant, repairs } : null;
}
