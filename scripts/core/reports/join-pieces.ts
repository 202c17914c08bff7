import type { Day, Instant } from '../clock.ts';
import { DailyTable } from './daily-table.ts';
import { DaySets, dayOfMonth } from './day-sets.ts';
import type { PieceFigures, ReporterColumns } from './piece-figures.ts';
import { addPolicy, addTotal, type ReporterSum, recordOf } from './reporter-sum.ts';
import type {
  FailingReporterDay,
  ReportedSubdomain,
  ReporterRecord,
  ReporterWarning,
  ReportsApart,
  ReportsView,
  Volumes,
} from './view.ts';

/**
 * Puts pieces together, oldest first: days ascending, reporters by domain and name, apart by domain (null last), warnings by reporter. Of a
 * reporter the newer name and policy stand; days and totals are put together.
 */
export class PieceJoin {
  readonly #domains: readonly string[];
  readonly #daily: DailyTable;
  readonly #failing: FailingReporterDay[] = [];
  readonly #apart = new Map<string, ReportsApart>();
  readonly #subdomains = new Map<string, ReportedSubdomain>();
  readonly #warnings = new Map<string, ReporterWarning>();
  readonly #days = new DaySets();
  /** Of each domain by the number of the reporter's name. */
  readonly #sums: Map<number, ReporterSum>[];
  /** By piece. */
  readonly #volumes: ReporterColumns['volumes'][] = [];
  readonly #reporters = new Map<string, number>();
  readonly #policies = new Map<string, number>();

  /** `domains` by index, in the order of their names. */
  constructor(domains: readonly string[]) {
    this.#domains = domains;
    this.#daily = new DailyTable(domains);
    this.#sums = domains.map(() => new Map());
  }

  add(piece: PieceFigures): void {
    const calendar = Array.from({ length: 32 }, (_, day) => dayOfMonth(piece.month, day));
    this.#daily.add(piece, calendar);
    for (const day of piece.failing) this.#failing.push(day);
    for (const one of piece.apart) this.#addApart(one);
    for (const one of piece.subdomains) this.#addSubdomain(one);
    for (const one of piece.warnings) this.#addWarning(one);
    const sums = this.#addReporters(piece, calendar);
    addTotals(sums, piece);
    this.#addApplied(sums, piece.reporters, calendar);
  }

  view(): Omit<ReportsView, 'from' | 'to'> {
    const apart = [...this.#apart.values()].sort(
      (a, b) =>
        Number(a.domain === null) - Number(b.domain === null) ||
        compare(a.domain ?? '', b.domain ?? '') ||
        compare(a.reason, b.reason),
    );
    const subdomains = [...this.#subdomains.values()].sort((a, b) => compare(a.name, b.name));
    const warnings = [...this.#warnings.values()].sort(
      (a, b) => compare(a.reporter, b.reporter) || b.reports - a.reports || compare(a.warning, b.warning),
    );
    return { daily: this.#daily, failing: this.#failing, reporters: this.#records(), apart, subdomains, warnings };
  }

  #addApart(one: ReportsApart): void {
    const at = `${one.domain ?? ''} ${one.reason}`;
    const other = this.#apart.get(at);
    const last = other === undefined || one.last_received_at > other.last_received_at ? one : other;
    const reports = one.reports + (other?.reports ?? 0);
    this.#apart.set(at, { ...one, reports, last_received_at: last.last_received_at });
  }

  #addSubdomain(one: ReportedSubdomain): void {
    const other = this.#subdomains.get(one.name);
    this.#subdomains.set(one.name, {
      name: one.name,
      reports: one.reports + (other?.reports ?? 0),
      first_day: other !== undefined && other.first_day < one.first_day ? other.first_day : one.first_day,
      last_day: other !== undefined && other.last_day > one.last_day ? other.last_day : one.last_day,
      sessions: one.sessions + (other?.sessions ?? 0),
      has_policy: one.has_policy || other?.has_policy === true,
    });
  }

  #addWarning(one: ReporterWarning): void {
    const at = `${one.warning} ${one.reporter}`;
    this.#warnings.set(at, { ...one, reports: one.reports + (this.#warnings.get(at)?.reports ?? 0) });
  }

  /** The sums by row. */
  #addReporters({ month, reporters }: PieceFigures, calendar: readonly Day[]): readonly ReporterSum[] {
    const { texts, days, volumes } = reporters;
    const names = texts.reporters.map((name) => numberOf(this.#reporters, name));
    const later = this.#days.piece(month);
    const sums: ReporterSum[] = [];
    let volume = 0;
    for (let row = 0; row < days.length; row += 1) {
      const sum = this.#sumOf(reporters.domain[row] ?? 0, names[reporters.reporter[row] ?? 0] ?? 0);
      sums.push(sum);
      const bits = days[row] ?? 0;
      sum.days = later(sum.days, bits);
      const from = volume;
      for (let rest = bits; rest !== 0; rest &= rest - 1) volume += 1;
      sum.volumes.push(this.#volumes.length, from, volume);
      sum.lastReceived = Math.max(sum.lastReceived, reporters.lastReceived[row] ?? 0);
      const organization = reporters.organization[row] ?? -1;
      if (organization >= 0) sum.organization = texts.organizations[organization] ?? null;
      const policy = reporters.policy[row] ?? -1;
      if (policy < 0) continue;
      sum.policy = texts.policies[policy] ?? null;
      sum.policyDay = calendar[reporters.policyDay[row] ?? 0] ?? null;
    }
    this.#volumes.push(volumes);
    return sums;
  }

  #sumOf(domain: number, reporter: number): ReporterSum {
    const known = this.#sums[domain]?.get(reporter);
    if (known !== undefined) return known;
    const sum: ReporterSum = {
      reporter,
      organization: null,
      lastReceived: 0,
      days: this.#days.none,
      volumes: [],
      totals: [],
      policy: null,
      policyDay: null,
      policies: [],
    };
    this.#sums[domain]?.set(reporter, sum);
    return sum;
  }

  /** From the last: of a row the policy shown last stands first. */
  #addApplied(sums: readonly ReporterSum[], { applied, texts }: ReporterColumns, calendar: readonly Day[]): void {
    const numbers = texts.policies.map((lines) => numberOf(this.#policies, lines.join('\n')));
    for (let at = applied.row.length - 1; at >= 0; at -= 1) {
      const sum = sums[applied.row[at] ?? 0];
      const policy = applied.policy[at] ?? 0;
      if (sum === undefined) continue;
      addPolicy(sum, numbers[policy] ?? 0, {
        policy_string: texts.policies[policy] ?? [],
        first_day: calendar[applied.first[at] ?? 0] as Day,
        last_day: calendar[applied.last[at] ?? 0] as Day,
        successful: applied.successful[at] ?? 0,
        failed: applied.failed[at] ?? 0,
      });
    }
  }

  #records(): readonly ReporterRecord[] {
    const names = [...this.#reporters.keys()];
    const rank = new Map([...names].sort(compare).map((name, index) => [name, index]));
    const ranks = names.map((name) => rank.get(name) ?? 0);
    const instants = new Map<number, Instant>();
    const instantOf = (second: number): Instant => {
      const known = instants.get(second);
      if (known !== undefined) return known;
      const instant = `${new Date(second * 1000).toISOString().slice(0, 19)}Z` as Instant;
      instants.set(second, instant);
      return instant;
    };
    const volumesOf = this.#joinedVolumes();
    const records: ReporterRecord[] = [];
    for (const [index, sums] of this.#sums.entries()) {
      const domain = this.#domains[index] ?? '';
      const sorted = [...sums.values()].sort((a, b) => (ranks[a.reporter] ?? 0) - (ranks[b.reporter] ?? 0));
      for (const sum of sorted) {
        const reporter = names[sum.reporter] ?? '';
        const lastReceived = instantOf(sum.lastReceived);
        records.push(recordOf(sum, { domain, reporter, volumes: volumesOf(sum), lastReceived }));
      }
    }
    return records;
  }

  /** All volumes in one list, of which each reporter has a part: a fleet has ten million of them. Asked once for each. */
  #joinedVolumes(): (sum: ReporterSum) => Volumes {
    const length = this.#volumes.reduce((sum, { length: more }) => sum + more, 0);
    const isWide = this.#volumes.some((volumes) => volumes instanceof Float64Array);
    const all = isWide ? new Float64Array(length) : new Uint32Array(length);
    let joined = 0;
    return ({ volumes }) => {
      const first = joined;
      let next = first;
      for (let at = 0; at < volumes.length; at += 3) {
        const [from, to] = [volumes[at + 1] ?? 0, volumes[at + 2] ?? 0];
        const piece = this.#volumes[volumes[at] ?? 0];
        for (let one = from; one < to; one += 1) all[next++] = piece?.[one] ?? 0;
      }
      joined = next;
      return all.subarray(first, next);
    };
  }
}

function addTotals(sums: readonly ReporterSum[], { policyTypes, reporters: { totals } }: PieceFigures): void {
  for (let at = 0; at < totals.row.length; at += 1) {
    const sum = sums[totals.row[at] ?? 0];
    const type = policyTypes[totals.type[at] ?? 0] ?? '';
    if (sum !== undefined) addTotal(sum, type, totals.successful[at] ?? 0, totals.failed[at] ?? 0);
  }
}

/** Numbers texts from 0 as they come. */
function numberOf(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
