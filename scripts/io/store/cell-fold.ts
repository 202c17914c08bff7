import type { PieceFigures, ReporterColumns } from '../../core/reports/piece-figures.ts';

const DAYS = 31;
/** The type of a report without any entry. */
const EMPTY = 7;

/** What was counted under one policy type. Slots of reporters are `row * DAYS + day - 1`, those of domains `(day - 1) * domains + domain`. */
interface TypeSums {
  readonly type: number;
  /** Of each reporter: bit `d - 1` for day `d`. */
  readonly days: Uint32Array;
  /** Of reporters: all sessions. */
  readonly sessions: Float64Array;
  /** Of reporters in the whole piece, and of domains. */
  readonly lost: Float64Array;
  readonly failed: Float64Array;
  readonly unknown: Int32Array;
}

/** Adds up the items of `SessionStatements.cells` in plain arrays of numbers: there is one for each policy entry. */
export class CellFold {
  /** The domain of each reporter's row. */
  readonly #domain: Int32Array;
  readonly #domains: number;
  readonly #sums: (TypeSums | undefined)[] = [];

  constructor({ domain }: Pick<ReporterColumns, 'domain'>, domains: number) {
    this.#domain = domain;
    this.#domains = domains;
  }

  /** `day` is that of the month, a count below 0 is missing. */
  add(row: number, type: number, day: number, successful: number, failed: number): void {
    const sums = this.#sums[type] ?? this.#start(type);
    const at = row * DAYS + day - 1;
    sums.days[row] = ((sums.days[row] ?? 0) | (1 << (day - 1))) >>> 0;
    sums.sessions[at] = (sums.sessions[at] ?? 0) + Math.max(0, successful) + Math.max(0, failed);
    if (failed === 0 && successful >= 0) return;
    const slot = (day - 1) * this.#domains + (this.#domain[row] ?? 0);
    if (successful < 0 || failed < 0) sums.unknown[slot] = (sums.unknown[slot] ?? 0) + 1;
    if (failed <= 0) return;
    sums.failed[slot] = (sums.failed[slot] ?? 0) + failed;
    sums.lost[row] = (sums.lost[row] ?? 0) + failed;
  }

  figures(): Pick<PieceFigures, 'daily'> & Pick<ReporterColumns, 'days' | 'volumes' | 'totals'> {
    const sums = this.#sums.filter((one) => one !== undefined);
    const days = new Uint32Array(this.#domain.length);
    for (const one of sums)
      for (let row = 0; row < days.length; row += 1) days[row] = ((days[row] ?? 0) | (one.days[row] ?? 0)) >>> 0;
    const told = sums.filter(({ type }) => type !== EMPTY);
    return { daily: this.#daily(told), days, volumes: volumesOf(days, sums), totals: totalsOf(told) };
  }

  #start(type: number): TypeSums {
    const [rows, slots] = [this.#domain.length, this.#domains * DAYS];
    const sums: TypeSums = {
      type,
      days: new Uint32Array(rows),
      sessions: new Float64Array(rows * DAYS),
      lost: new Float64Array(rows),
      failed: new Float64Array(slots),
      unknown: new Int32Array(slots),
    };
    this.#sums[type] = sums;
    return sums;
  }

  /** By day, domain and type. */
  #daily(sums: readonly TypeSums[]): PieceFigures['daily'] {
    const counted = sums.map((one) => ({ one, ...this.#byDomain(one) }));
    let rows = 0;
    for (const { reporters } of counted) for (const count of reporters) if (count > 0) rows += 1;
    const daily = {
      domain: new Int32Array(rows),
      day: new Uint8Array(rows),
      type: new Uint8Array(rows),
      successful: new Float64Array(rows),
      failed: new Float64Array(rows),
      unknown: new Int32Array(rows),
      reporters: new Int32Array(rows),
    };
    let next = 0;
    for (let slot = 0; slot < this.#domains * DAYS; slot += 1) {
      for (const { one, sessions, reporters } of counted) {
        if (reporters[slot] === 0) continue;
        const failed = one.failed[slot] ?? 0;
        daily.domain[next] = slot % this.#domains;
        daily.day[next] = Math.floor(slot / this.#domains) + 1;
        daily.type[next] = one.type;
        daily.successful[next] = (sessions[slot] ?? 0) - failed;
        daily.failed[next] = failed;
        daily.unknown[next] = one.unknown[slot] ?? 0;
        daily.reporters[next] = reporters[slot] ?? 0;
        next += 1;
      }
    }
    return daily;
  }

  /** All sessions and the number of reporters in each slot of a domain. */
  #byDomain({ days, sessions }: TypeSums): { readonly sessions: Float64Array; readonly reporters: Int32Array } {
    const summed = new Float64Array(this.#domains * DAYS);
    const reporters = new Int32Array(this.#domains * DAYS);
    for (let row = 0; row < days.length; row += 1) {
      const [bits, domain] = [days[row] ?? 0, this.#domain[row] ?? 0];
      for (let day = 0; day < DAYS; day += 1) {
        if ((bits & (1 << day)) === 0) continue;
        const slot = day * this.#domains + domain;
        summed[slot] = (summed[slot] ?? 0) + (sessions[row * DAYS + day] ?? 0);
        reporters[slot] = (reporters[slot] ?? 0) + 1;
      }
    }
    return { sessions: summed, reporters };
  }
}

/** Of each day that is there the greatest of its types: they never add up (RFC 8460 §4). */
function volumesOf(days: Uint32Array, sums: readonly TypeSums[]): ReporterColumns['volumes'] {
  let count = 0;
  for (const bits of days) for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  const kept = new Float64Array(count);
  let next = 0;
  let most = 0;
  for (let row = 0; row < days.length; row += 1) {
    for (let day = 0; day < DAYS; day += 1) {
      if (((days[row] ?? 0) & (1 << day)) === 0) continue;
      let volume = 0;
      for (const { sessions } of sums) volume = Math.max(volume, sessions[row * DAYS + day] ?? 0);
      most = Math.max(most, volume);
      kept[next] = volume;
      next += 1;
    }
  }
  return most < 2 ** 32 ? Uint32Array.from(kept) : kept;
}

/** By row and type. */
function totalsOf(sums: readonly TypeSums[]): ReporterColumns['totals'] {
  let count = 0;
  for (const { days } of sums) for (const bits of days) if (bits !== 0) count += 1;
  const totals = {
    row: new Int32Array(count),
    type: new Uint8Array(count),
    successful: new Float64Array(count),
    failed: new Float64Array(count),
  };
  let next = 0;
  for (let row = 0; row < (sums[0]?.days.length ?? 0); row += 1) {
    for (const { type, days, sessions, lost } of sums) {
      if (days[row] === 0) continue;
      let all = 0;
      for (let at = row * DAYS; at < (row + 1) * DAYS; at += 1) all += sessions[at] ?? 0;
      totals.row[next] = row;
      totals.type[next] = type;
      totals.successful[next] = all - (lost[row] ?? 0);
      totals.failed[next] = lost[row] ?? 0;
      next += 1;
    }
  }
  return totals;
}
