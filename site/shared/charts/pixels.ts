import type { Day } from '#scripts/core/clock.ts';

/** Pixels as they are written: a tenth is finer than any screen. */
export function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** Where a day begins on a UTC axis, in milliseconds of the epoch. */
export function startOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}
