import type { Day } from '../../clock.ts';
import type { Volumes } from '../../reports/view.ts';
import { hasLowRun } from './low-run.ts';
import { baselineOf, type Collapse, LEAST_USUAL, usualAt } from './volume-baseline.ts';
import type { VolumeSeries } from './volume-series.ts';

/** Days in a row that make a step, … */
const DAYS = 5;
/** … each at most this part of the usual number, … */
const AT_MOST = 0.65;
/** … and so many standard deviations of their mean below it, by how much this reporter's days differ. */
const DEVIATIONS = 5;
/** Nobody's days differ by less, whatever two weeks have shown. */
const LEAST_SPREAD = 0.15;
/** A step goes on below this part and below what this reporter's days differ by, and is over after two days above it. */
const RETURNED = 0.7;
const DAYS_TO_CLOSE = 2;
/** The cheap looks: days that low are looked at, whatever the rounding, and the days before, that they are compared with. */
const WORTH_A_LOOK = 0.66;
const BEFORE = 30;

/** A day below that part. */
interface Judged {
  readonly place: number;
  /** Logarithm of the part of the usual number. */
  readonly ratio: number;
}

/**
 * A lasting loss of part of the sessions: an MX host or a route that no longer gets its mail. No single day proves it; five
 * in a row do, measured by how much this reporter's days differ anyway. The turn of the year proves nothing.
 */
export function volumeStep(series: VolumeSeries, newestComplete: Day): Collapse | null {
  const { reporter, days, volumes, turns } = series;
  if (!hasLowRun(series, DAYS, WORTH_A_LOOK) || !mayHaveStepped(volumes)) return null;
  const low = new Set<number>();
  let recent: Judged[] = [];
  let since: number | null = null;
  let last = 0;
  let usualThen = 0;
  let returned = 0;
  for (let place = 0; place < days.length; place++) {
    const day = days[place] as Day;
    if (day > newestComplete) break;
    const usual = usualAt(series, place, low);
    if (!(usual >= LEAST_USUAL)) continue;
    const part = ((volumes[place] ?? 0) + 1) / (usual + 1);
    if (since === null && recent.length === 0 && part > AT_MOST) continue;
    if (turns[place] === 1) continue;
    if (since === null && part > AT_MOST) {
      recent = [];
      continue;
    }
    const ratio = Math.log(part);
    if (since !== null) {
      if (ratio > Math.min(Math.log(RETURNED), -spreadAt(series, place, low))) {
        if (++returned >= DAYS_TO_CLOSE) since = null;
        continue;
      }
      low.add(place);
      last = place;
      usualThen = usual;
      returned = 0;
      continue;
    }
    recent = [...recent, { place, ratio }].slice(-DAYS);
    // As it was before the first of them: they are not to speak for themselves.
    if (recent.length < DAYS || !isStep(recent, spreadAt(series, recent[0]?.place ?? place, low))) continue;
    for (const one of recent) low.add(one.place);
    since = recent[0]?.place ?? place;
    last = place;
    usualThen = usual;
    returned = 0;
    recent = [];
  }
  const [first, newest] = [since === null ? undefined : days[since], days[last]];
  if (first === undefined || newest === undefined) return null;
  const state = returned > 0 ? 'recovering' : 'open';
  return { reporter, since: first, last_seen: newest, state, sessions: volumes[last] ?? 0, usual: usualThen };
}

function isStep(recent: readonly Judged[], spread: number): boolean {
  const mean = recent.reduce((sum, { ratio }) => sum + ratio, 0) / DAYS;
  return mean <= (-DEVIATIONS * Math.max(LEAST_SPREAD, spread)) / Math.sqrt(DAYS);
}

function spreadAt(series: VolumeSeries, place: number, low: ReadonlySet<number>): number {
  return baselineOf(series, place, low)?.spread ?? 0;
}

/** Used again for each reporter: there are hundreds of thousands. The first stays 0. */
let sums = new Float64Array(0);

/** Of the others many leave here: no five days of it lie so far below the thirty before. */
function mayHaveStepped(volumes: Volumes): boolean {
  if (volumes.length >= sums.length) sums = new Float64Array(volumes.length + 1);
  for (let at = 0; at < volumes.length; at++) sums[at + 1] = (sums[at] ?? 0) + (volumes[at] ?? 0);
  const mean = (from: number, to: number) => ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  for (let from = DAYS; from + DAYS <= volumes.length; from++) {
    const before = mean(Math.max(0, from - BEFORE), from);
    if (before * 2 >= LEAST_USUAL && mean(from, from + DAYS) <= before * 0.75) return true;
  }
  return false;
}
