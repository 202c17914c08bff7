import { dayOf, daysBetween, type Instant } from './clock.ts';

/**
 * Days from `now` to `at`, by their UTC days, as one counts them on a calendar: every page, mail and issue that says how far
 * away something is says the same number. Negative before `now`.
 */
export function daysAway(at: Instant, now: Instant): number {
  return daysBetween(dayOf(now), dayOf(at));
}

/** `in 13 days`, `today`, `1 day ago`. */
export function distanceWords(at: Instant, now: Instant): string {
  const days = daysAway(at, now);
  if (days === 0) return 'today';
  return days > 0 ? `in ${spelled(days)}` : `${spelled(-days)} ago`;
}

/** What is left until `at`, which is not before `now`: `13 days are left`, `it ends today`. */
export function leftWords(at: Instant, now: Instant): string {
  const days = daysAway(at, now);
  return days < 1 ? 'it ends today' : `${spelled(days)} ${days === 1 ? 'is' : 'are'} left`;
}

function spelled(days: number): string {
  return `${days.toString().replace(/\B(?=(?:\d{3})+$)/g, ',')} ${days === 1 ? 'day' : 'days'}`;
}
