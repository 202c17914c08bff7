import type { Thresholds } from '../../config/types.ts';
import type { FailingReporterDay } from '../../reports/view.ts';
import { upperTail } from './beta-binomial.ts';
import { type Category, fixedLimits, type JudgeOfDomain, type Verdict, WHOLE } from './failure-judge.ts';
import { type FailureStream, failureStreams } from './failure-streams.ts';
import { RECOVERED_SHARE } from './threshold.ts';

/** Days with data that a baseline needs; before, the fixed limits decide (playbook §5, "learning"). */
const LEAST_BASELINE_DAYS = 7;
/** What is assumed of a reporter before it has said anything: half a failure in a hundred sessions, … */
const PRIOR_SESSIONS = 100;
const PRIOR_FAILURES = 0.5;
/** … and how much its days differ, with the weight of so many days. */
const PRIOR_DISPERSION = 0.002;
const PRIOR_DAYS = 4;
/** One day, three and seven: a leak that no single day proves is found when it goes on. */
const SPANS = [1, 3, 7] as const;
/** Days resemble their neighbours: the dispersion of a span shrinks less than by its length. */
const SPAN_EXPONENT = 0.8;
/** False discoveries among the findings of one domain and day: a thousand quiet domain-days cost less than one. */
const FALSE_DISCOVERY_RATE = 1e-3;
/**
 * Weights of the tests (Genovese, Roeder and Wasserman 2006). A sender that always fails this much has bursts that no
 * distribution of 30 days tells, so it must prove more; and all failures together are the same evidence once again.
 */
const NOISY = 0.02;
const NOISY_WEIGHT = 0.01;
const WHOLE_WEIGHT = 0.1;
/** Bears witness: one in fifty by chance. */
const ELEVATED = 0.02;
/** A share above what is usual by half the configured one is worth a finding when chance is ruled out. */
const EFFECT = 0.5;
/** A reporter that always fails more than this is no noise, however long it lasts. */
const MOST_USUAL = 0.2;

/** What one stream usually does, from the days of its baseline. */
interface Usual {
  readonly mean: number;
  readonly dispersion: number;
  /** Of the mean itself. */
  readonly uncertainty: number;
}

interface Tested {
  readonly stream: FailureStream;
  readonly row: FailingReporterDay;
  readonly usual: Usual | null;
  readonly p: number;
  /** p over the weight of the test. */
  readonly weighted: number;
  readonly enough: boolean;
}

/**
 * The chosen model (docs/anomalies.md): each reporter's failures of each category are measured against the same
 * reporter's previous 30 days, those of earlier findings left out. A day is out of the ordinary when the beta-binomial
 * distribution says so, with the false discovery rate held over all tests of the domain's day (Benjamini and Hochberg),
 * and when the share is above the usual one by something that matters. Noise that a sender always has is its usual
 * level, not a finding; three sessions a day decide nothing by themselves, three million do not hide a small reporter.
 */
export const againstUsual: JudgeOfDomain = (facts) => {
  const { reports, days, thresholds } = facts;
  const limits = fixedLimits(facts);
  if (reports.failing.length === 0) return limits;
  const streams = failureStreams(reports, days);
  const states = streams.map((stream) => new StreamState(stream, thresholds.baseline_days));
  const tests = Math.max(1, new Set(reports.reporters.map(({ reporter }) => reporter)).size) * SPANS.length;
  const verdicts = new Map<FailingReporterDay, Map<Category, Verdict>>();

  for (let index = 0; index < days.length; index++) {
    const tested: (Tested & { state: StreamState })[] = [];
    for (const state of states) {
      const row = state.stream.rows.get(index);
      const failed = state.stream.failed[index] ?? 0;
      if (row === undefined || failed === 0) continue;
      const usual = state.usual(index);
      const { p, enough } = state.test(index, usual, thresholds);
      tested.push({ state, stream: state.stream, row, usual, p, weighted: p / weightOf(state.stream, usual), enough });
    }
    if (tested.length === 0) continue;
    const limit = discoveryLimit(tested, tests);
    for (const { state, stream, row, usual, p, weighted, enough } of tested) {
      const failed = stream.failed[index] ?? 0;
      const sessions = stream.sessions[index] ?? Number.NaN;
      const fixed = limits(row, stream.category, failed);
      const crosses = usual === null ? fixed.crosses : enough && weighted <= limit;
      if (crosses && usual !== null) state.exclude(index);
      const verdict: Verdict = {
        crosses,
        elevated: usual === null || p <= ELEVATED || crosses,
        usual: usual === null ? RECOVERED_SHARE : Math.max(RECOVERED_SHARE, ceiling(usual, sessions)),
      };
      const known = verdicts.get(row);
      if (known === undefined) verdicts.set(row, new Map([[stream.category, verdict]]));
      else known.set(stream.category, verdict);
    }
  }
  return (row, category, failed) => verdicts.get(row)?.get(category) ?? limits(row, category, failed);
};

/** The largest p that may be called a discovery: p(k) ≤ k · rate / tests, over tests that could be findings at all. */
function discoveryLimit(tested: readonly Tested[], tests: number): number {
  const sorted = tested
    .flatMap(({ usual, enough, weighted }) => (usual !== null && enough ? [weighted] : []))
    .sort((a, b) => a - b);
  let limit = FALSE_DISCOVERY_RATE / tests;
  for (const [place, p] of sorted.entries()) {
    const step = ((place + 1) * FALSE_DISCOVERY_RATE) / tests;
    if (p <= step) limit = Math.max(limit, p);
  }
  return limit;
}

function weightOf({ category }: FailureStream, usual: Usual | null): number {
  const noisy = usual !== null && usual.mean > NOISY ? NOISY_WEIGHT : 1;
  return category === WHOLE ? noisy * WHOLE_WEIGHT : noisy;
}

/** The share that a day with this many sessions reaches now and then without anything being wrong. */
function ceiling({ mean, dispersion, uncertainty }: Usual, sessions: number): number {
  if (mean <= RECOVERED_SHARE / 2 || Number.isNaN(sessions)) return RECOVERED_SHARE;
  const variance = mean * (1 - mean) * (dispersion + uncertainty + 1 / sessions);
  return mean + 1.5 * Math.sqrt(variance);
}

class StreamState {
  readonly stream: FailureStream;
  readonly #baselineDays: number;
  readonly #excluded: Uint8Array;
  /** The last baseline that had days enough: a fault that outlasts the window does not become its own baseline. */
  #last: Usual | null = null;

  constructor(stream: FailureStream, baselineDays: number) {
    this.stream = stream;
    this.#baselineDays = baselineDays;
    this.#excluded = new Uint8Array(stream.sessions.length);
  }

  exclude(index: number): void {
    this.#excluded[index] = 1;
  }

  /** Null while learning. */
  usual(index: number): Usual | null {
    this.#last = this.#baseline(index) ?? this.#last;
    return this.#last;
  }

  /** Null without days enough, or when they failed too much to be anybody's noise. */
  #baseline(index: number): Usual | null {
    const { sessions, failed } = this.stream;
    let trials = 0;
    let failures = 0;
    let count = 0;
    const from = Math.max(0, index - this.#baselineDays);
    for (let day = from; day < index; day++) {
      const n = sessions[day] ?? Number.NaN;
      if (Number.isNaN(n) || this.#excluded[day] === 1) continue;
      trials += n;
      failures += failed[day] ?? 0;
      count++;
    }
    if (count < LEAST_BASELINE_DAYS) return null;
    const mean = (failures + PRIOR_FAILURES) / (trials + PRIOR_SESSIONS);
    if (mean > MOST_USUAL) return null;
    const spread = mean * (1 - mean);
    let excess = 0;
    let pairs = 0;
    for (let day = from; day < index; day++) {
      const n = sessions[day] ?? Number.NaN;
      if (Number.isNaN(n) || this.#excluded[day] === 1 || n < 2) continue;
      excess += ((failed[day] ?? 0) / n - mean) ** 2 - spread / n;
      pairs += spread * (1 - 1 / n);
    }
    const seen = pairs > 0 ? Math.max(0, excess / pairs) : 0;
    const dispersion = (PRIOR_DAYS * PRIOR_DISPERSION + count * seen) / (PRIOR_DAYS + count);
    return { mean, dispersion, uncertainty: 1 / (trials + PRIOR_SESSIONS) };
  }

  /** The least probability over the spans that end on this day, and whether the share is one that matters. */
  test(
    index: number,
    usual: Usual | null,
    { failure_share, min_failures }: Thresholds,
  ): { readonly p: number; readonly enough: boolean } {
    const { sessions, failed } = this.stream;
    const today = sessions[index] ?? Number.NaN;
    if (usual === null || Number.isNaN(today)) return { p: 1, enough: false };
    // A span can prove a leak only on a day that leaks.
    const share = (failed[index] ?? 0) / today;
    const spans = share - usual.mean >= (failure_share * EFFECT) / 2 ? 21 : 1;
    let least = 1;
    let enough = false;
    let days = 0;
    let trials = 0;
    let failures = 0;
    for (let day = index; day >= 0 && index - day < spans; day--) {
      const n = sessions[day] ?? Number.NaN;
      if (Number.isNaN(n)) continue;
      trials += n;
      failures += failed[day] ?? 0;
      days++;
      if (!(SPANS as readonly number[]).includes(days)) continue;
      // A span is measured against what was usual before it began, or a leak would hide behind itself.
      const before = days === 1 ? usual : (this.#baseline(day) ?? usual);
      const matters = failures >= min_failures && failures / trials - before.mean >= failure_share * EFFECT;
      if (!matters && days > 1) continue;
      const dispersion = Math.min(0.5, before.dispersion / days ** SPAN_EXPONENT + before.uncertainty);
      const p = upperTail(failures, trials, before.mean, dispersion);
      if (matters && (!enough || p < least)) least = p;
      else if (!enough) least = Math.min(least, p);
      enough ||= matters;
      if (days >= 7) break;
    }
    return { p: least, enough };
  }
}
