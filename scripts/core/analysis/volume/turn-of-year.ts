import type { Day } from '../../clock.ts';

/** Of holidays only this one is known. */
export function isTurnOfYear(day: Day): boolean {
  const date = day.slice(5);
  return date >= '12-20' || date <= '01-06';
}

/** The days of it that may have less than any weekend. */
export function isFeast(day: Day): boolean {
  const date = day.slice(5);
  return (date >= '12-24' && date <= '12-26') || date === '12-31' || date === '01-01';
}
