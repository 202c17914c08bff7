import type { Day } from '../clock.ts';

/** Days of a set, by month: most reporters of a fleet report on the same days, and share one set. */
export interface DaySet {
  readonly older: DaySet | null;
  readonly month: string;
  /** Bit `d - 1` for day `d`. */
  readonly bits: number;
  readonly newer: Map<number, DaySet>;
  /** Made when somebody asks. */
  days: readonly Day[] | null;
}

export class DaySets {
  readonly none: DaySet = { older: null, month: '', bits: 0, newer: new Map(), days: [] };
  #pieces = 0;

  /** The sets of a piece: `set` and the days of `bits`, which are later than all of `set`. */
  piece(month: string): (set: DaySet, bits: number) => DaySet {
    const base = this.#pieces * 2 ** 32;
    this.#pieces += 1;
    return (set, bits) => {
      const known = set.newer.get(base + bits);
      if (known !== undefined) return known;
      const next: DaySet = { older: set, month, bits, newer: new Map(), days: null };
      set.newer.set(base + bits, next);
      return next;
    };
  }
}

/** Ascending. */
export function daysOf(set: DaySet): readonly Day[] {
  if (set.days !== null) return set.days;
  const chain: DaySet[] = [];
  for (let one: DaySet | null = set; one !== null; one = one.older) chain.unshift(one);
  const days: Day[] = [];
  for (const { month, bits } of chain) {
    for (let day = 1; day <= 31; day += 1) {
      if ((bits & (1 << (day - 1))) !== 0) days.push(dayOfMonth(month, day));
    }
  }
  set.days = days;
  return days;
}

export function dayOfMonth(month: string, day: number): Day {
  return `${month}-${String(day).padStart(2, '0')}` as Day;
}
