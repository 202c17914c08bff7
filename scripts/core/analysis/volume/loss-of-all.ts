import { type Day, dayNumber } from '../../clock.ts';
import { mayHaveFallen } from './may-have-fallen.ts';
import { isFeast, isTurnOfYear } from './turn-of-year.ts';
import { baselineOf, type Collapse, LEAST_USUAL, mean } from './volume-baseline.ts';
import type { VolumeSeries } from './volume-series.ts';

/** A reporter with fewer usual sessions is not asked. */
const LEAST_OF_ONE = 5;
/** Lower than this part of the usual number, on each day that proves a loss and at most of the reporters. */
const AT_MOST = 0.65;
/** Days in a row that prove it together: the deeper the fall, the fewer. */
const MOST_DAYS = 5;
/** So many standard deviations of their mean, which shrinks less than by the root: days resemble their neighbours. */
const DEVIATIONS = 5;
const DAYS_EXPONENT = 0.4;
/** Nobody's days differ by less, whatever a month has shown. */
const LEAST_SPREAD = 0.12;
const SPREAD_DAYS = 30;
const LEAST_DAYS = 10;
/** One or two days at the level of a weekend are a holiday; so many deviations below that level they are none. */
const HOLIDAY_DAYS = 2;
const BELOW_HOLIDAY = 3;
/** Who has so much of its usual number at weekends knows no holidays: at least two of them tell for the others. */
const FIRM = 0.7;
const LEAST_FIRM = 2;
const RETURNED = 0.7;
const DAYS_TO_CLOSE = 2;
/** A day over all reporters that spoke of it. */
interface Total {
  /** Logarithm of the part of the usual number, and of the part of what a weekend has. */
  readonly ratio: number;
  readonly toWeekend: number;
  /** The same two of those who keep their number at weekends; null when they are too few. */
  readonly firm: { readonly ratio: number; readonly toWeekend: number } | null;
  /** Every day may be a holiday now. */
  readonly isTurnOfYear: boolean;
  /** Most of the reporters are low. */
  readonly common: boolean;
}

type Part = Omit<Collapse, 'since' | 'last_seen' | 'state'>;
/** By reporter the places that are low already, and so no baseline. */
type Low = ReadonlyMap<VolumeSeries, Set<number>>;

/**
 * A loss that the reporters of a domain show together, by reporter; null when there is none. Many that fall at once prove
 * within a day or two what each alone would take a week for. Only who reported is counted, so a missing report is no loss.
 */
export function lossOfAll(reporters: readonly VolumeSeries[], newestComplete: Day): readonly Collapse[] | null {
  if (reporters.length < 2 || !mayHaveFallen(reporters, newestComplete)) return null;
  const low: Low = new Map(reporters.map((series) => [series, new Set<number>()]));
  const ratios: number[] = [];
  const firmRatios: number[] = [];
  let recent: { readonly day: Day; readonly seen: Seen; readonly total: Total }[] = [];
  let loss: { readonly since: Day; last: Day; parts: readonly Part[]; returned: number } | null = null;
  for (const { day, seen } of byDay(reporters, newestComplete)) {
    const total = isFeast(day) ? null : totalOf(seen, day, low);
    if (total === null) continue;
    if (loss !== null) {
      if (total.ratio > Math.log(RETURNED)) {
        if (++loss.returned >= DAYS_TO_CLOSE) loss = null;
      } else {
        Object.assign(loss, { last: day, parts: partsOf(seen, low), returned: 0 });
        exclude(seen, low);
      }
      continue;
    }
    recent =
      total.common && total.ratio <= Math.log(AT_MOST) ? [...recent, { day, seen, total }].slice(-MOST_DAYS) : [];
    if (
      ratios.length >= LEAST_DAYS &&
      recent.length > 0 &&
      isLoss(
        recent.map((one) => one.total),
        spreadOf(ratios),
        firmRatios.length < LEAST_DAYS ? null : spreadOf(firmRatios),
      )
    ) {
      loss = { since: recent[0]?.day ?? day, last: day, parts: partsOf(seen, low), returned: 0 };
      for (const one of recent) exclude(one.seen, low);
      recent = [];
    } else if (recent.length === 0 && !total.isTurnOfYear) {
      ratios.push(total.ratio);
      if (total.firm !== null) firmRatios.push(total.firm.ratio);
    }
  }
  if (loss === null) return null;
  const { since, last, parts, returned } = loss;
  const state = returned > 0 ? 'recovering' : 'open';
  return parts.map((part) => ({ ...part, since, last_seen: last, state }));
}

function isLoss(recent: readonly Total[], spread: number, firmSpread: number | null): boolean {
  const days = recent.length;
  const limit = (DEVIATIONS * spread) / days ** DAYS_EXPONENT;
  if (mean(recent.map(({ ratio }) => ratio)) > -limit) return false;
  const mayBeHoliday = recent.filter(
    ({ toWeekend, firm }) =>
      toWeekend > -BELOW_HOLIDAY * spread &&
      (firm === null || firmSpread === null || firm.toWeekend > -BELOW_HOLIDAY * firmSpread),
  );
  if (mayBeHoliday.length === 0) return true;
  return days > HOLIDAY_DAYS && !recent.some((one) => one.isTurnOfYear);
}

/** Standard deviation of the last ratios around 0, taken for as large as so few days allow. */
function spreadOf(ratios: readonly number[]): number {
  const last = ratios.slice(-SPREAD_DAYS);
  const deviation = Math.sqrt(mean(last.map((ratio) => ratio * ratio)));
  return Math.max(LEAST_SPREAD, deviation * (1 + 1 / Math.sqrt(last.length)));
}

/** Who reported of a day, and at which of its places. */
type Seen = readonly { readonly series: VolumeSeries; readonly place: number }[];

/** Every day that somebody reported of, in their order. */
function byDay(
  reporters: readonly VolumeSeries[],
  newestComplete: Day,
): readonly { readonly day: Day; readonly seen: Seen }[] {
  const last = dayNumber(newestComplete);
  const first = reporters.reduce((least, { numbers }) => Math.min(least, numbers[0] ?? last), last);
  const days: { day: Day; seen: { series: VolumeSeries; place: number }[] }[] = [];
  for (const series of reporters) {
    const { numbers } = series;
    for (let place = 0; place < numbers.length; place++) {
      const index = (numbers[place] ?? 0) - first;
      if (index > last - first) break;
      days[index] ??= { day: series.days[place] as Day, seen: [] };
      days[index].seen.push({ series, place });
    }
  }
  return days.filter((one) => one !== undefined);
}

function totalOf(seen: Seen, day: Day, low: Low): Total | null {
  const sums = { counted: 0, usual: 0, weekend: 0, low: 0, reporters: 0 };
  const firm = { counted: 0, usual: 0, weekend: 0, reporters: 0 };
  for (const { series, place } of seen) {
    const { usual, other } = usualOf(series, place, low);
    if (!(usual >= LEAST_OF_ONE)) continue;
    const sessions = series.volumes[place] ?? 0;
    sums.counted += sessions;
    sums.usual += usual;
    sums.weekend += Math.min(usual, other ?? usual);
    sums.reporters++;
    if (sessions <= AT_MOST * usual) sums.low++;
    if (other === null || other < FIRM * usual) continue;
    firm.counted += sessions;
    firm.usual += usual;
    firm.weekend += Math.min(usual, other);
    firm.reporters++;
  }
  if (sums.reporters < 2 || sums.usual < LEAST_USUAL) return null;
  return {
    ...against(sums),
    firm: firm.reporters < LEAST_FIRM || firm.usual < LEAST_USUAL ? null : against(firm),
    isTurnOfYear: isTurnOfYear(day),
    common: sums.low * 2 > sums.reporters,
  };
}

function partsOf(seen: Seen, low: Low): readonly Part[] {
  return seen.flatMap(({ series, place }) => {
    const { usual } = usualOf(series, place, low);
    return usual >= LEAST_OF_ONE ? [{ reporter: series.reporter, sessions: series.volumes[place] ?? 0, usual }] : [];
  });
}

/** `usual` is NaN without days enough, `other` null. */
function usualOf(
  series: VolumeSeries,
  place: number,
  low: Low,
): { readonly usual: number; readonly other: number | null } {
  const apart = low.get(series);
  if (apart === undefined || apart.size === 0) {
    const other = series.other[place] ?? Number.NaN;
    return { usual: series.usual[place] ?? Number.NaN, other: Number.isNaN(other) ? null : other };
  }
  return baselineOf(series, place, apart) ?? { usual: Number.NaN, other: null };
}

function against({ counted, usual, weekend }: { counted: number; usual: number; weekend: number }) {
  return { ratio: Math.log((counted + 1) / (usual + 1)), toWeekend: Math.log((counted + 1) / (weekend + 1)) };
}

function exclude(seen: Seen, low: Low): void {
  for (const { series, place } of seen) low.get(series)?.add(place);
}
