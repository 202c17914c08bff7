import type { Day } from '#scripts/core/clock.ts';
import type { DrawnTrend } from './trend-chart.ts';

/** Figures as they go from thread to thread: two lists of numbers take a tenth of the time of ninety objects. */
export interface PackedTrend {
  /** With a space between. */
  readonly days: string;
  /** Successful sessions of each day, then failed ones; NaN where no report says. */
  readonly figures: Float64Array;
}

export function packed({ days }: DrawnTrend): PackedTrend {
  const figures = new Float64Array(2 * days.length);
  let names = '';
  for (const [at, { day, successful, failed }] of days.entries()) {
    names += at === 0 ? day : ` ${day}`;
    figures[at] = successful ?? Number.NaN;
    figures[days.length + at] = failed ?? Number.NaN;
  }
  return { days: names, figures };
}

export function unpacked({ days, figures }: PackedTrend): DrawnTrend {
  const names = days === '' ? [] : (days.split(' ') as Day[]);
  return {
    days: names.map((day, at) => ({ day, successful: known(figures[at]), failed: known(figures[names.length + at]) })),
  };
}

function known(figure = Number.NaN): number | null {
  return Number.isNaN(figure) ? null : figure;
}
