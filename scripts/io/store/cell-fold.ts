import type { PieceFigures, ReporterColumns } from '../../core/reports/piece-figures.ts';

/** Sums of the rows of `SessionStatements.cells`, in plain arrays of numbers: there is one row for each report. */
export interface CellFold {
  readonly add: (
    domain: number,
    reporter: number,
    day: number,
    type: number,
    successful: number,
    failed: number,
    unknown: number,
  ) => void;
  readonly figures: () => Pick<PieceFigures, 'daily'> & Pick<ReporterColumns, 'days' | 'volumes' | 'totals'>;
}

const DAYS = 31;
/** Policy types have numbers below this one. */
const TYPES = 8;

/** `rows` reporters of `domains` domains; `rowOf` tells where one stands. */
export function foldCells(
  rows: number,
  domains: number,
  rowOf: (domain: number, reporter: number) => number,
): CellFold {
  const days = new Uint32Array(rows);
  const volumes = new Float64Array(rows * DAYS);
  const daily = new Sums();
  const totals = new Sums();
  return {
    add: (domain, reporter, day, type, successful, failed, unknown) => {
      const row = rowOf(domain, reporter);
      const at = row * DAYS + day - 1;
      days[row] = ((days[row] ?? 0) | (1 << (day - 1))) >>> 0;
      volumes[at] = Math.max(volumes[at] ?? 0, successful + failed);
      if (type < 0) return;
      daily.add((day * domains + domain) * TYPES + type, successful, failed, unknown);
      totals.add(row * TYPES + type, successful, failed, unknown);
    },
    figures: () => {
      const byDay = daily.sorted();
      const byRow = totals.sorted();
      const rest = byDay.keys.map((key) => Math.floor(key / TYPES));
      return {
        daily: {
          domain: Int32Array.from(rest, (key) => key % domains),
          day: Uint8Array.from(rest, (key) => Math.floor(key / domains)),
          type: Uint8Array.from(byDay.keys, (key) => key % TYPES),
          successful: byDay.successful,
          failed: byDay.failed,
          unknown: byDay.unknown,
          reporters: byDay.cells,
        },
        days,
        volumes: volumesOf(days, volumes),
        totals: {
          row: Int32Array.from(byRow.keys, (key) => Math.floor(key / TYPES)),
          type: Uint8Array.from(byRow.keys, (key) => key % TYPES),
          successful: byRow.successful,
          failed: byRow.failed,
        },
      };
    },
  };
}

/** Only those of days that are there. */
function volumesOf(days: Uint32Array, volumes: Float64Array): Float64Array {
  const kept = new Float64Array(days.reduce((sum, bits) => sum + bitsOf(bits), 0));
  let next = 0;
  for (const [row, bits] of days.entries()) {
    for (let day = 0; day < DAYS; day += 1) {
      if ((bits & (1 << day)) === 0) continue;
      kept[next] = volumes[row * DAYS + day] ?? 0;
      next += 1;
    }
  }
  return kept;
}

function bitsOf(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Sums by a whole number. */
class Sums {
  readonly #places = new Map<number, number>();
  readonly #successful: number[] = [];
  readonly #failed: number[] = [];
  readonly #unknown: number[] = [];
  readonly #cells: number[] = [];

  add(key: number, successful: number, failed: number, unknown: number): void {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#cells.length;
      this.#places.set(key, place);
      this.#successful.push(0);
      this.#failed.push(0);
      this.#unknown.push(0);
      this.#cells.push(0);
    }
    this.#successful[place] = (this.#successful[place] ?? 0) + successful;
    this.#failed[place] = (this.#failed[place] ?? 0) + failed;
    this.#unknown[place] = (this.#unknown[place] ?? 0) + unknown;
    this.#cells[place] = (this.#cells[place] ?? 0) + 1;
  }

  /** By key. */
  sorted() {
    const keys = Float64Array.from(this.#places.keys()).sort();
    const places = Int32Array.from(keys, (key) => this.#places.get(key) ?? 0);
    return {
      keys,
      successful: Float64Array.from(places, (place) => this.#successful[place] ?? 0),
      failed: Float64Array.from(places, (place) => this.#failed[place] ?? 0),
      unknown: Int32Array.from(places, (place) => this.#unknown[place] ?? 0),
      cells: Int32Array.from(places, (place) => this.#cells[place] ?? 0),
    };
  }
}
