import { LEAST_USUAL } from './volume-baseline.ts';
import { LEAST_WEEKEND_DAYS, LEAST_WORKING_DAYS, type VolumeSeries } from './volume-series.ts';

/** What a day is, beside what is usual; `null`: it says nothing. */
type Level = 'low' | 'high' | null;

/**
 * Whether so many days one after the other are low, days that say nothing left out: at most `part` of what is usual, nothing
 * set apart. Almost no reporter has such a run, and almost every day is high: so first the last day of those that could be one
 * is looked at, and a high one there spares those before it.
 */
export function hasLowRun(series: VolumeSeries, days: number, part: number): boolean {
  const { length } = series.days;
  let high = -1;
  while (high + days < length) {
    let place = high + days;
    while (place > high && levelAt(series, place, part) !== 'high') place--;
    if (place === high) {
      let low = 0;
      for (place++; place < length; place++) {
        const level = levelAt(series, place, part);
        if (level === 'high') break;
        if (level === 'low' && ++low === days) return true;
      }
    }
    high = place;
  }
  return false;
}

/**
 * The middle of the days before is not looked for: how many of them are smaller tells on which side of a number it lies.
 * Counted without a branch, which would go wrong every other time.
 */
function levelAt(series: VolumeSeries, place: number, part: number): Level {
  const { volumes, weekends, turns } = series;
  const weekend = weekends[place];
  const limit = ((volumes[place] ?? 0) + 1) / part - 1;
  let same = 0;
  let few = 0;
  let smaller = 0;
  for (let before = series.firstBefore(place); before < place; before++) {
    if (weekends[before] !== weekend) continue;
    const volume = volumes[before] ?? 0;
    same++;
    few += Number(volume < LEAST_USUAL);
    smaller += Number(volume < limit);
  }
  const half = same >> 1;
  const least = weekend === 1 ? LEAST_WEEKEND_DAYS : LEAST_WORKING_DAYS;
  if (same < least || few > half || turns[place] === 1) return null;
  return smaller > half ? 'high' : 'low';
}
