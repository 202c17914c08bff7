import { addDays, type Day, dayOf, type Instant } from '../clock.ts';

/** How the store of reports is kept in order: what is put together, what is kept as daily figures, and what is due to go. */

/** Reports come until two days after the day they tell of (RFC 8460 §4.1, §5.2), so a month is over a day later. */
const LATEST_DAYS = 3;

export interface Retention {
  /** Days that single rows are kept. */
  readonly detail_days: number;
  /** Days that daily figures are kept. */
  readonly aggregate_days: number;
}

/** What is stored of one month. */
export interface StoredMonth {
  /** `2026-11`. */
  readonly month: string;
  /** Readable files of rows. */
  readonly parts: number;
  /** Day of the oldest row; null when there is no row. */
  readonly first_day: Day | null;
  readonly has_figures: boolean;
  /** Day of the oldest daily figures; null when there are none. */
  readonly first_figures: Day | null;
}

/** What is to be done to one month, in this order. */
export interface MonthUpkeep {
  readonly month: string;
  /** Derive the daily figures again; those of days whose rows are gone stay. */
  readonly derive: boolean;
  /** Make one file of all rows. */
  readonly merge: boolean;
  /** Rows of earlier days go, after their daily figures are stored; null when none is due. */
  readonly rows_from: Day | null;
  /** Daily figures of earlier days go; null when none are due. */
  readonly figures_from: Day | null;
}

/** First day on which a month is closed: what comes for it from then on is late. `2026-10` → `2026-11-04` */
export function closedFrom(month: string): Day {
  return addDays(`${addDays(`${month}-01` as Day, 31).slice(0, 7)}-01` as Day, LATEST_DAYS);
}

/** First day whose rows are still kept: today and the `detail_days` before it. */
function keptFrom(now: Instant, days: number): Day {
  return addDays(dayOf(now), -days);
}

/** The months with something to do, oldest first. An open month is left alone: its files are still being added. */
export function upkeepOf(months: readonly StoredMonth[], now: Instant, retention: Retention): readonly MonthUpkeep[] {
  const rowsFrom = keptFrom(now, retention.detail_days);
  const figuresFrom = keptFrom(now, Math.max(retention.aggregate_days, retention.detail_days));
  const upkeep: MonthUpkeep[] = [];
  for (const { month, parts, first_day, has_figures, first_figures } of months) {
    if (dayOf(now) < closedFrom(month)) continue;
    const expired = first_day !== null && first_day < rowsFrom;
    const merge = parts > 1;
    const derive = parts > 0 && (merge || expired || !has_figures);
    const forgotten = oldest(first_figures, derive ? first_day : null, figuresFrom);
    if (!derive && !merge && !expired && !forgotten) continue;
    upkeep.push({
      month,
      derive,
      merge,
      rows_from: expired ? rowsFrom : null,
      figures_from: forgotten ? figuresFrom : null,
    });
  }
  return upkeep.sort((a, b) => (a.month < b.month ? -1 : 1));
}

function oldest(figures: Day | null, derived: Day | null, from: Day): boolean {
  return (figures !== null && figures < from) || (derived !== null && derived < from);
}
