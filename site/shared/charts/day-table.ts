import type { Trend } from '../view-models/trend.ts';
import { longDay, number } from '../view-models/words.ts';

/**
 * The rows of the figures behind a picture, newest day first, as text: ninety on each page of thousands. Numbers and words of
 * ours alone, so nothing needs escaping; the ends of cells and rows may be left out (HTML §13.1.2.4).
 */
export function dayRows({ days }: Pick<Trend, 'days'>): string {
  return days
    .toReversed()
    .map(({ day, successful, failed, reporters, unknown_entries }) => {
      const without = unknown_entries > 0 ? ` (${number(unknown_entries)} without counts)` : '';
      const counts =
        successful === null
          ? `<td colspan="2">${reporters === 0 ? 'no report' : 'counts not given'}<td>${number(reporters)}`
          : `<td>${number(successful)}<td>${number(failed ?? 0)}<td>${number(reporters)}${without}`;
      return `<tr><th scope="row">${longDay(day)}${counts}`;
    })
    .join('');
}
