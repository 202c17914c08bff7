import { type Day, dayNumber, isWeekend } from '../../clock.ts';
import type { ReporterRecord, Volumes } from '../../reports/view.ts';
import { isTurnOfYear } from './turn-of-year.ts';

/** The baseline of a day: the same kind of day (working day, weekend) within so many days before. */
const BASELINE_DAYS = 30;
export const LEAST_WORKING_DAYS = 7;
export const LEAST_WEEKEND_DAYS = 3;

/**
 * The sessions of one reporter by day, with what is usual before each day: a fleet asks for it millions of times, so it is
 * worked out once, by moving a month along the days.
 */
export class VolumeSeries {
  readonly reporter: string;
  readonly days: readonly Day[];
  readonly volumes: Volumes;
  /** Days since the epoch, 1 at weekends, and 1 at the turn of the year, of each of `days`. */
  readonly numbers: Readonly<Int32Array>;
  readonly weekends: Readonly<Uint8Array>;
  readonly turns: Readonly<Uint8Array>;
  #usual: { readonly same: Float64Array; readonly other: Float64Array } | null = null;

  constructor({ reporter, days, volumes }: Pick<ReporterRecord, 'reporter' | 'days' | 'volumes'>) {
    this.reporter = reporter;
    this.days = days;
    this.volumes = volumes;
    const { numbers, weekends, turns } = calendarOf(days);
    this.numbers = numbers;
    this.weekends = weekends;
    this.turns = turns;
  }

  /** What is usual on days of the same kind before each day; NaN without days enough. */
  get usual(): Float64Array {
    this.#usual ??= this.#walk();
    return this.#usual.same;
  }

  /** The same of days of the other kind. */
  get other(): Float64Array {
    this.#usual ??= this.#walk();
    return this.#usual.other;
  }

  /** Where a day's baseline begins. */
  firstBefore(place: number): number {
    const oldest = (this.numbers[place] ?? 0) - BASELINE_DAYS;
    let first = Math.max(0, place - BASELINE_DAYS);
    while ((this.numbers[first] ?? 0) < oldest) first++;
    return first;
  }

  #walk() {
    const { length } = this.days;
    const [same, other] = [new Float64Array(length), new Float64Array(length)];
    const kinds = [WORKING_DAYS.emptied(), WEEKEND_DAYS.emptied()] as const;
    let oldest = 0;
    for (let place = 0; place < length; place++) {
      const from = (this.numbers[place] ?? 0) - BASELINE_DAYS;
      for (; (this.numbers[oldest] ?? 0) < from; oldest++)
        kinds[this.weekends[oldest] === 1 ? 1 : 0].remove(this.volumes[oldest] ?? 0);
      const weekend = this.weekends[place] === 1;
      const [own, others] = weekend ? [kinds[1], kinds[0]] : kinds;
      same[place] = own.middle();
      other[place] = others.middle();
      own.add(this.volumes[place] ?? 0);
    }
    return { same, other };
  }
}

interface Calendar {
  readonly days: readonly Day[];
  readonly numbers: Int32Array;
  readonly weekends: Uint8Array;
  readonly turns: Uint8Array;
}

let lastCalendar: Calendar | null = null;

/** Reporters that report every day have the same days, one after the other. */
function calendarOf(days: readonly Day[]): Calendar {
  if (lastCalendar !== null && areSame(days, lastCalendar.days)) return lastCalendar;
  lastCalendar = {
    days,
    numbers: Int32Array.from(days, dayNumber),
    weekends: Uint8Array.from(days, (day) => (isWeekend(day) ? 1 : 0)),
    turns: Uint8Array.from(days, (day) => (isTurnOfYear(day) ? 1 : 0)),
  };
  return lastCalendar;
}

function areSame(some: readonly Day[], others: readonly Day[]): boolean {
  if (some === others) return true;
  if (some.length !== others.length) return false;
  for (let place = 0; place < some.length; place++) if (some[place] !== others[place]) return false;
  return true;
}

/** So few numbers are kept in their order faster than they are sorted. */
class Sorted {
  readonly #values = new Float64Array(BASELINE_DAYS + 1);
  readonly #least: number;
  #length = 0;

  constructor(least: number) {
    this.#least = least;
  }

  emptied(): this {
    this.#length = 0;
    return this;
  }

  add(value: number): void {
    const values = this.#values;
    let place = this.#length++;
    for (; place > 0 && (values[place - 1] ?? 0) > value; place--) values[place] = values[place - 1] ?? 0;
    values[place] = value;
  }

  remove(value: number): void {
    const values = this.#values;
    let place = 0;
    while (place < this.#length && values[place] !== value) place++;
    if (place === this.#length) return;
    this.#length--;
    for (; place < this.#length; place++) values[place] = values[place + 1] ?? 0;
  }

  middle(): number {
    return this.#length < this.#least ? Number.NaN : (this.#values[this.#length >> 1] ?? 0);
  }
}

const WORKING_DAYS = new Sorted(LEAST_WORKING_DAYS);
const WEEKEND_DAYS = new Sorted(LEAST_WEEKEND_DAYS);
