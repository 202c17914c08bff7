import type { Thresholds } from '../../config/types.ts';
import { upperTail, upperTailOfBursts } from './beta-binomial.ts';
import { WHOLE } from './failure-judge.ts';
import type { FailureStream } from './failure-streams.ts';
import { RECOVERED_SHARE } from './threshold.ts';

/** Days with data that a baseline needs; before, the fixed limits decide (playbook §5, "learning"). */
const LEAST_BASELINE_DAYS = 7;
/** What is assumed of a reporter before it has said anything: half a failure in a hundred sessions, … */
const PRIOR_SESSIONS = 100;
const PRIOR_FAILURES = 0.5;
export const PRIOR_SHARE = PRIOR_FAILURES / PRIOR_SESSIONS;
/** … and how much its days differ, with the weight of so many days. */
const PRIOR_DISPERSION = 0.002;
const PRIOR_DAYS = 4;
/** One day, three and seven: a leak that no single day proves is found when it goes on. */
export const SPANS = [1, 3, 7] as const;
const LONGEST_SPAN = 7;
/** Days resemble their neighbours: the dispersion of a span shrinks less than by its length. */
const SPAN_EXPONENT = 0.8;
/** What stays below the configured share may wait for more proof. */
const SMALL_WEIGHT = 0.1;
/** Less likely than this, a second distribution is asked. */
const WORTH_ASKING = 0.01;
/** Of the logarithm of a day's share: nobody's days differ by more than a factor of e, … */
const MOST_VARIANCE = 1;
/** … and how much they differ is known the less the fewer days were seen. */
const FEW_DAYS = 4;
/** A share above what is usual by half the configured one is worth a finding when chance is ruled out. */
export const EFFECT = 0.5;
/** A reporter that always fails more than this is no noise, however long it lasts. */
const MOST_USUAL = 0.2;

/** What one stream usually does, from the days of its baseline. */
export interface Usual {
  readonly mean: number;
  readonly dispersion: number;
  /** Of the mean itself. */
  readonly uncertainty: number;
  /** Days it was taken from. */
  readonly days: number;
}

/** Neither of two ways in which days may differ explains it: the second is asked only when the first does not. */
function unlikely(failures: number, trials: number, { mean, days }: Usual, dispersion: number): number {
  const p = upperTail(failures, trials, mean, dispersion);
  if (p > WORTH_ASKING) return p;
  const variance = Math.min(MOST_VARIANCE, Math.log(1 + (dispersion * (1 - mean)) / mean));
  const spread = Math.sqrt(variance * (1 + FEW_DAYS / days));
  return Math.max(p, upperTailOfBursts(failures, trials, mean, spread));
}

/** One stream, and what has been found in it so far. */
export class UsualStream {
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

  /** What was found on this day, and what leaked on the days just before it: a fault is no baseline, its beginning neither. */
  exclude(index: number, leak: number): void {
    this.#excluded[index] = 1;
    for (let day = index - 1; day >= 0 && index - day < LONGEST_SPAN; day--) {
      if (Number.isNaN(this.stream.sessions[day] ?? Number.NaN)) continue;
      if (!this.#leaks(day, leak)) return;
      this.#excluded[day] = 1;
    }
  }

  /** Not found by itself, but it leaks, and so did the last day with data, that was found. */
  goesOn(index: number, leak: number): boolean {
    let before = index - 1;
    while (before >= 0 && Number.isNaN(this.stream.sessions[before] ?? Number.NaN)) before--;
    return before >= 0 && this.#excluded[before] === 1 && this.#leaks(index, leak);
  }

  #leaks(day: number, leak: number): boolean {
    const share = (this.stream.failed[day] ?? 0) / (this.stream.sessions[day] ?? Number.NaN);
    return share - (this.#last?.mean ?? PRIOR_SHARE) >= leak;
  }

  /** Null while learning. Days before the window taught nothing here: its first days are held against those that follow. */
  usual(index: number): Usual | null {
    this.#last = this.#baseline(index) ?? this.#last;
    return this.#last ?? (this.#isCutOff ? this.#between(0, this.#baselineDays) : null);
  }

  /** All that is left of a reporter that went: a few days at the beginning of the window, judged when they were new. */
  get isLeftOver(): boolean {
    const days = this.stream.sessions.reduce((count, n) => count + (Number.isNaN(n) ? 0 : 1), 0);
    return this.#isCutOff && days < LEAST_BASELINE_DAYS;
  }

  /** It reported in the first week of the window, so most likely before it, too. */
  get #isCutOff(): boolean {
    return (
      this.stream.sessions.length > 2 * this.#baselineDays &&
      this.stream.sessions.findIndex((n) => !Number.isNaN(n)) < LEAST_BASELINE_DAYS
    );
  }

  /** Null without days enough, or when they failed too much to be anybody's noise. */
  #baseline(index: number): Usual | null {
    return this.#between(Math.max(0, index - this.#baselineDays), index);
  }

  #between(from: number, index: number): Usual | null {
    const { sessions, failed } = this.stream;
    let trials = 0;
    let failures = 0;
    let count = 0;
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
      const more = ((failed[day] ?? 0) / n - mean) ** 2 - spread / n;
      // One failed session of four is a large share and no burst.
      excess += failed[day] === 1 ? Math.min(0, more) : more;
      pairs += spread * (1 - 1 / n);
    }
    const seen = pairs > 0 ? Math.max(0, excess / pairs) : 0;
    const dispersion = (PRIOR_DAYS * PRIOR_DISPERSION + count * seen) / (PRIOR_DAYS + count);
    return { mean, dispersion, uncertainty: 1 / (trials + PRIOR_SESSIONS), days: count };
  }

  /** The least probability over the spans that end on this day, and whether the share is one that matters. */
  test(
    index: number,
    usual: Usual | null,
    { failure_share, min_failures }: Thresholds,
  ): { readonly p: number; readonly proof: number; readonly enough: boolean } {
    const { sessions, failed } = this.stream;
    const today = sessions[index] ?? Number.NaN;
    if (usual === null || Number.isNaN(today)) return { p: 1, proof: 1, enough: false };
    // A span can prove a leak only on a day that leaks.
    const share = (failed[index] ?? 0) / today;
    if (share <= usual.mean) return { p: 1, proof: 1, enough: false };
    const spans = share - usual.mean >= (failure_share * EFFECT) / 2 ? 21 : 1;
    let least = 1;
    let proof = 1;
    let enough = false;
    let days = 0;
    let trials = 0;
    let failures = 0;
    let recovered = false;
    for (let day = index; day >= 0 && index - day < spans; day--) {
      const n = sessions[day] ?? Number.NaN;
      if (Number.isNaN(n)) continue;
      // What was found before and had gone proves nothing again, and what a type explains nothing of the day as a whole.
      if (day < index && this.#excluded[day] === 1 && (recovered || this.stream.category === WHOLE)) break;
      recovered ||= (failed[day] ?? 0) <= n * Math.max(usual.mean, RECOVERED_SHARE);
      trials += n;
      failures += failed[day] ?? 0;
      days++;
      if (!(SPANS as readonly number[]).includes(days)) continue;
      // A span is measured against what was usual before it began, or a leak would hide behind itself.
      const before = days === 1 ? usual : (this.#baseline(day) ?? usual);
      const effect = failures / trials - before.mean;
      const matters = failures >= min_failures && effect >= failure_share * EFFECT;
      if (!matters && days > 1) continue;
      const dispersion = Math.min(0.5, before.dispersion / days ** SPAN_EXPONENT + before.uncertainty);
      const p = unlikely(failures, trials, before, dispersion);
      least = Math.min(least, p);
      enough ||= matters;
      if (matters) proof = Math.min(proof, effect >= failure_share ? p : p / SMALL_WEIGHT);
      if (days >= LONGEST_SPAN) break;
    }
    return { p: least, proof, enough };
  }
}
