import { addDays, type Day, type Instant, instantOf } from '../clock.ts';
import type { BusinessHours, Weekday } from '../config/types.ts';

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MS = 86_400_000;
/** A calendar without a working day in so many days is not one: holidays are at most 1,000. */
const LONGEST_SEARCH = 3000;

/** When people work, in one IANA time zone. Lengths are real time: a working day over a change of the clock is longer or shorter. */
export interface Working {
  readonly isOpen: (at: Instant) => boolean;
  /** The moment at which `hours` of working time have passed since `from`. */
  readonly after: (from: Instant, hours: number) => Instant;
  /** The end of the `count`th working day after the local day of `from`. */
  readonly endOfDay: (from: Instant, count: number) => Instant;
}

export function workingTime(hours: BusinessHours): Working {
  const holidays = new Set<Day>(hours.holidays);
  const zone = hours.time_zone;
  const works = (day: Day): boolean => {
    const weekday = WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()];
    return weekday !== undefined && hours.days.includes(weekday) && !holidays.has(day);
  };
  const span = (day: Day): readonly [from: number, to: number] => [
    zonedMs(day, hours.from, zone),
    zonedMs(day, hours.to, zone),
  ];
  return {
    isOpen: (at) => {
      const day = localDay(Date.parse(at), zone);
      const [from, to] = span(day);
      return works(day) && Date.parse(at) >= from && Date.parse(at) < to;
    },
    after: (start, length) => {
      let at = Date.parse(start);
      let left = length * 3_600_000;
      for (let day = localDay(at, zone), tries = 0; tries < LONGEST_SEARCH; day = addDays(day, 1), tries++) {
        if (!works(day)) continue;
        const [from, to] = span(day);
        at = Math.max(at, from);
        if (at >= to) continue;
        if (at + left <= to) return instantOf(at + left);
        left -= to - at;
      }
      return instantOf(Date.parse(start) + length * 3_600_000);
    },
    endOfDay: (start, count) => {
      let day = localDay(Date.parse(start), zone);
      for (let found = 0, tries = 0; tries < LONGEST_SEARCH; tries++) {
        day = addDays(day, 1);
        if (works(day)) found += 1;
        if (found === count) return instantOf(span(day)[1]);
      }
      return instantOf(Date.parse(start) + count * DAY_MS);
    },
  };
}

/**
 * A local time of day as a moment, in milliseconds. A time that a change of the clock leaves out is read with the offset
 * before it; one that comes twice is the first.
 */
export function zonedMs(day: Day, time: string, zone: string): number {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const before = wall - offsetMs(wall - DAY_MS, zone);
  const after = wall - offsetMs(wall + DAY_MS, zone);
  const fits = [before, after].filter((at) => at + offsetMs(at, zone) === wall);
  return fits.length === 0 ? before : Math.min(...fits);
}

function localDay(at: number, zone: string): Day {
  return instantOf(at + offsetMs(at, zone)).slice(0, 10) as Day;
}

/** `2026-11-21 10:00` in the zone. */
export function localTime(at: Instant, zone: string): string {
  const ms = Date.parse(at);
  return instantOf(ms + offsetMs(ms, zone))
    .slice(0, 16)
    .replace('T', ' ');
}

/** How far local time is ahead of UTC. */
function offsetMs(at: number, zone: string): number {
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) found[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Making one costs more than all its answers. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
