import type { Day } from '../../clock.ts';
import type { Volumes } from '../../reports/view.ts';
import { LEAST_WEEKEND_DAYS, LEAST_WORKING_DAYS, type VolumeSeries } from './volume-series.ts';

/** Fewer usual sessions than this can vanish by chance. */
export const LEAST_USUAL = 60;

/** A reporter's loss of sessions that goes on. */
export interface Collapse {
  readonly reporter: string;
  readonly since: Day;
  readonly last_seen: Day;
  readonly state: 'open' | 'recovering';
  readonly sessions: number;
  readonly usual: number;
}

export interface Baseline {
  /** Sessions. */
  readonly usual: number;
  /** On days of the other kind; null without days enough. */
  readonly other: number | null;
  readonly smallest: number;
  /** Standard deviation of the logarithm, from the median absolute deviation. */
  readonly spread: number;
}

const NORMAL = 1.4826;

const NOBODY: ReadonlySet<number> = new Set();

/** What is usual before the day at `place`, days set apart left out; NaN without days enough. */
export function usualAt(series: VolumeSeries, place: number, apart: ReadonlySet<number>): number {
  if (apart.size === 0) return series.usual[place] ?? Number.NaN;
  return baselineOf(series, place, apart)?.usual ?? Number.NaN;
}

/** What is usual on days of this kind before the one at `place`, days set apart left out; null without days enough. */
export function baselineOf(series: VolumeSeries, place: number, apart: ReadonlySet<number>): Baseline | null {
  const { volumes, weekends } = series;
  const weekend = weekends[place];
  const same: number[] = [];
  const others: number[] = [];
  for (let before = place - 1, first = series.firstBefore(place); before >= first; before--)
    if (!apart.has(before)) (weekends[before] === weekend ? same : others).push(volumes[before] ?? 0);
  if (same.length < (weekend ? LEAST_WEEKEND_DAYS : LEAST_WORKING_DAYS)) return null;
  const other = others.length < (weekend ? LEAST_WORKING_DAYS : LEAST_WEEKEND_DAYS) ? null : middle(others);
  return {
    usual: middle(same),
    other,
    smallest: Math.min(...same),
    // Eight weekend days may lie close together by chance: what the working days show of a reporter's restlessness counts, too.
    // Few ask, and it takes longer than all the rest.
    get spread() {
      return Math.max(spreadOf(same), others.length < LEAST_WORKING_DAYS ? 0 : spreadOf(others));
    },
  };
}

/**
 * Few days tell a spread badly, so it is taken for as large as it may well be, and for the larger one of two: half of the
 * days may by chance lie close to the middle.
 */
function spreadOf(volumes: readonly number[]): number {
  const usual = middle(volumes);
  const apart = volumes.map((volume) => Math.abs(Math.log((volume + 1) / (usual + 1))));
  const square = mean(apart.map((one) => one * one));
  return Math.max(NORMAL * middle(apart), Math.sqrt(square)) * (1 + 2 / Math.sqrt(volumes.length));
}

/** The least part of the usual mail that a holiday leaves; below it something else is the matter. */
const HOLIDAY_PART = 0.3;
const LEAST_OTHERS = 2;

/**
 * The part of the usual number that everybody else counted on that day, at most 1: a holiday nobody told us of shows in
 * all reporters. 1 when fewer than two others say so, or when so little is left that it is no holiday.
 */
export function partOfOthers(reporters: readonly VolumeSeries[], reporter: string, on: number): number {
  let usual = 0;
  let counted = 0;
  let others = 0;
  for (const other of reporters) {
    const place = other.reporter === reporter ? -1 : other.numbers.indexOf(on);
    if (place === -1) continue;
    const usually = usualAt(other, place, NOBODY);
    if (Number.isNaN(usually)) continue;
    usual += usually;
    counted += other.volumes[place] ?? 0;
    others++;
  }
  const part = counted / usual;
  return others >= LEAST_OTHERS && part >= HOLIDAY_PART ? Math.min(1, part) : 1;
}

/** So many numbers are sorted by hand: a fleet asks for the middle of a month millions of times. */
const FEW = 64;
const sorted = new Float64Array(FEW);

export function middle(values: Volumes): number {
  const { length } = values;
  if (length > FEW) return Float64Array.from(values).sort()[length >> 1] ?? 0;
  for (let at = 0; at < length; at++) {
    const value = values[at] ?? 0;
    let place = at;
    for (; place > 0 && (sorted[place - 1] ?? 0) > value; place--) sorted[place] = sorted[place - 1] ?? 0;
    sorted[place] = value;
  }
  return length === 0 ? 0 : (sorted[length >> 1] ?? 0);
}

/** 0 of none. */
export function mean(values: Volumes): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
