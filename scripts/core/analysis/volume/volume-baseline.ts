import { addDays, type Day } from '../../clock.ts';
import type { Volumes } from '../../reports/view.ts';

/** The baseline of a day: the same kind of day (working day, weekend) within so many days before. */
const BASELINE_DAYS = 30;
export const LEAST_WORKING_DAYS = 7;
const LEAST_WEEKEND_DAYS = 3;
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
  readonly smallest: number;
  /** Standard deviation of the logarithm, from the median absolute deviation. */
  readonly spread: number;
}

const NORMAL = 1.4826;

/** What is usual on days of this kind before the one at `place`; null without days enough. */
export function baselineOf(
  days: readonly Day[],
  weekends: readonly boolean[],
  volumes: Volumes,
  place: number,
  collapsed: ReadonlySet<number>,
): Baseline | null {
  const day = days[place];
  if (day === undefined) return null;
  const oldest = addDays(day, -BASELINE_DAYS);
  const weekend = weekends[place];
  const same: number[] = [];
  const others: number[] = [];
  for (let before = place - 1; before >= 0; before--) {
    const other = days[before];
    if (other === undefined || other < oldest) break;
    if (!collapsed.has(before)) (weekends[before] === weekend ? same : others).push(volumes[before] ?? 0);
  }
  if (same.length < (weekend ? LEAST_WEEKEND_DAYS : LEAST_WORKING_DAYS)) return null;
  // Eight weekend days may lie close together by chance: what the working days show of a reporter's restlessness counts, too.
  const spread = Math.max(spreadOf(same), others.length < LEAST_WORKING_DAYS ? 0 : spreadOf(others));
  return { usual: middle(same), smallest: Math.min(...same), spread };
}

/** Few days tell a spread badly, so it is taken for as large as it may well be. */
function spreadOf(volumes: readonly number[]): number {
  const usual = middle(volumes);
  const apart = volumes.map((volume) => Math.abs(Math.log((volume + 1) / (usual + 1))));
  return NORMAL * middle(apart) * (1 + 2 / Math.sqrt(volumes.length));
}

export function middle(values: Volumes): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** 0 of none. */
export function mean(values: Volumes): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
