import { type Day, dayNumber } from '../../clock.ts';
import { LEAST_USUAL } from './volume-baseline.ts';
import type { VolumeSeries } from './volume-series.ts';

/** The days that may begin a loss, those that tell what is usual, and the part of it that makes a closer look worth while. */
const LATEST_DAYS = 30;
const COMPARED_DAYS = 45;
const WORTH_A_LOOK = 0.75;

/** Almost no domain has: on none of the last days did those who reported count so little. Cheap, and without a baseline. */
export function mayHaveFallen(reporters: readonly VolumeSeries[], newestComplete: Day): boolean {
  const counted = new Float64Array(LATEST_DAYS);
  const usual = new Float64Array(LATEST_DAYS);
  const newest = dayNumber(newestComplete);
  for (const series of reporters) {
    const { numbers, weekends, volumes } = series;
    const first = Math.max(0, numbers.length - COMPARED_DAYS);
    const mean = meansFrom(series, first);
    for (let place = numbers.length - 1; place >= first; place--) {
      const ago = newest - (numbers[place] as number);
      if (ago >= LATEST_DAYS) break;
      if (ago < 0) continue;
      counted[ago] = (counted[ago] as number) + (volumes[place] as number);
      usual[ago] = (usual[ago] as number) + (weekends[place] === 1 ? mean.weekend : mean.working);
    }
  }
  return usual.some((sum, ago) => sum * 2 >= LEAST_USUAL && (counted[ago] as number) <= WORTH_A_LOOK * sum);
}

/** Sessions of a day of either kind. */
function meansFrom({ weekends, volumes }: VolumeSeries, first: number): { working: number; weekend: number } {
  let [working, workingDays, weekend, weekendDays] = [0, 0, 0, 0];
  for (let place = first; place < volumes.length; place++) {
    if (weekends[place] === 1) {
      weekend += volumes[place] as number;
      weekendDays++;
    } else {
      working += volumes[place] as number;
      workingDays++;
    }
  }
  return { working: working / workingDays, weekend: weekend / weekendDays };
}
