import type { Day } from '../clock.ts';
import type { PieceFigures } from './piece-figures.ts';
import type { DailySessions } from './view.ts';

type Columns = PieceFigures['daily'];

/** Some rows in the order they came in, and where those of each domain stand among them. */
interface Part extends Pick<PieceFigures, 'policyTypes'> {
  readonly calendar: readonly Day[];
  readonly columns: Columns;
  /** Places of rows, by domain. */
  readonly places: Int32Array;
  /** Of each domain, where its places begin; one more for the end. */
  readonly starts: Int32Array;
}

/**
 * Sessions by day as columns: a fleet has a million rows, which take a third of the room that objects take, and whoever looks at
 * one domain after the other holds the objects of one.
 */
export class DailyTable implements Iterable<DailySessions> {
  readonly #domains: readonly string[];
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #parts: Part[] = [];
  /** What was asked for last: one domain is judged in many ways. */
  #last: { readonly domain: string; readonly rows: readonly DailySessions[] } | null = null;

  /** `domains` by index. */
  constructor(domains: readonly string[]) {
    this.#domains = domains;
    this.#indexes = new Map(domains.map((domain, index) => [domain, index]));
  }

  /** Rows of later days than those before. */
  add({ policyTypes, daily }: Pick<PieceFigures, 'policyTypes' | 'daily'>, calendar: readonly Day[]): void {
    const starts = startsOf(daily.domain, this.#domains.length);
    const next = starts.slice();
    const places = new Int32Array(daily.domain.length);
    for (let row = 0; row < places.length; row += 1) {
      const domain = daily.domain[row] ?? 0;
      const place = next[domain] ?? 0;
      next[domain] = place + 1;
      places[place] = row;
    }
    this.#last = null;
    this.#parts.push({ policyTypes, calendar, columns: copied(daily), places, starts });
  }

  /** Days ascending. */
  of(domain: string): readonly DailySessions[] {
    if (this.#last?.domain !== domain) this.#last = { domain, rows: this.#rowsOf(this.#indexes.get(domain)) };
    return this.#last.rows;
  }

  /** By day, domain and policy type. */
  *[Symbol.iterator](): Iterator<DailySessions> {
    for (const part of this.#parts) for (let row = 0; row < part.places.length; row += 1) yield this.#row(part, row);
  }

  #rowsOf(index: number | undefined): readonly DailySessions[] {
    const rows: DailySessions[] = [];
    if (index === undefined) return rows;
    for (const part of this.#parts) {
      const end = part.starts[index + 1] ?? 0;
      for (let at = part.starts[index] ?? 0; at < end; at += 1) rows.push(this.#row(part, part.places[at] ?? 0));
    }
    return rows;
  }

  #row({ policyTypes, calendar, columns }: Part, row: number): DailySessions {
    return {
      domain: this.#domains[columns.domain[row] ?? 0] ?? '',
      day: calendar[columns.day[row] ?? 0] as Day,
      policy_type: policyTypes[columns.type[row] ?? 0] ?? '',
      successful: columns.successful[row] ?? 0,
      failed: columns.failed[row] ?? 0,
      unknown_entries: columns.unknown[row] ?? 0,
      reporters: columns.reporters[row] ?? 0,
    };
  }
}

function startsOf(domain: Int32Array, domains: number): Int32Array {
  const starts = new Int32Array(domains + 1);
  for (const index of domain) starts[index + 1] = (starts[index + 1] ?? 0) + 1;
  for (let index = 0; index < domains; index += 1) starts[index + 1] = (starts[index + 1] ?? 0) + (starts[index] ?? 0);
  return starts;
}

/** Of their own: otherwise everything else that was read with them would be kept, too. */
function copied({ domain, day, type, successful, failed, unknown, reporters }: Columns): Columns {
  return {
    domain: domain.slice(),
    day: day.slice(),
    type: type.slice(),
    successful: successful.slice(),
    failed: failed.slice(),
    unknown: unknown.slice(),
    reporters: reporters.slice(),
  };
}
