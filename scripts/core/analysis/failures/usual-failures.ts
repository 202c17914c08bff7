import type { Thresholds } from '../../config/types.ts';
import type { FailingReporterDay } from '../../reports/view.ts';
import { type Category, fixedLimits, type JudgeOfDomain, type Verdict, WHOLE } from './failure-judge.ts';
import { type FailureStream, failureStreams } from './failure-streams.ts';
import { type Pool, poolsOf } from './pooled-streams.ts';
import { RECOVERED_SHARE } from './threshold.ts';
import { EFFECT, PRIOR_SHARE, SPANS, type Usual, UsualStream } from './usual-stream.ts';

/** False discoveries among the findings of one domain and day. What is tested is discrete, so a quiet year has far fewer. */
const FALSE_DISCOVERY_RATE = 3e-3;
/**
 * Weights of the tests (Genovese, Roeder and Wasserman 2006). A sender that always fails this much has bursts that no
 * distribution of 30 days tells, so it must prove more; and all failures together are the same evidence once again.
 */
const NOISY = 0.02;
const NOISY_WEIGHT = 0.01;
/** … unless its share of sessions enough is above the usual one by so much, which is nobody's burst. */
const NO_BURST = 0.2;
const WHOLE_WEIGHT = 0.1;
/** Failures of no single type are a finding for each reporter: one failed session is not. */
const LEAST_OF_NO_TYPE = 2;
/** Bears witness: one in fifty by chance. */
const ELEVATED = 0.02;

interface Tested {
  readonly state: UsualStream;
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
 * reporter's previous 30 days, those of earlier findings left out. A day is out of the ordinary when neither the
 * beta-binomial distribution nor one with longer tails explains it, with the false discovery rate held over all tests of
 * the domain's day (Benjamini and Hochberg), and when the share is above the usual one by something that matters. Noise that a sender always has is its usual
 * level, not a finding; three sessions a day decide nothing by themselves, three million do not hide a small reporter.
 */
export const againstUsual: JudgeOfDomain = (facts) => {
  const { reports, days, thresholds } = facts;
  const limits = fixedLimits(facts);
  if (reports.failing.length === 0) return limits;
  const streams = failureStreams(reports, days);
  const states = streams.map((stream) => new UsualStream(stream, thresholds.baseline_days));
  const leak = thresholds.failure_share * EFFECT;
  const pools = poolsOf(states, reports, days, thresholds.baseline_days);
  const tests = Math.max(1, new Set(reports.reporters.map(({ reporter }) => reporter)).size) * SPANS.length;
  const verdicts = new Map<FailingReporterDay, Map<Category, Verdict>>();

  for (let index = 0; index < days.length; index++) {
    const tested: Tested[] = [];
    for (const state of states) {
      const row = state.stream.rows.get(index);
      const failed = state.stream.failed[index] ?? 0;
      if (row === undefined || failed === 0) continue;
      const usual = state.usual(index);
      const { p, proof, enough } = state.test(index, usual, thresholds);
      const weighted = proof / weightOf(state.stream, usual, index, thresholds);
      tested.push({ state, stream: state.stream, row, usual, p, weighted, enough });
    }
    if (tested.length === 0) continue;
    const crossing = new Set<Tested>();
    const explained = new Set<FailingReporterDay>();
    // One family of tests for each kind of failure: the many that prove one fault make no other one more likely.
    for (const [kind, family] of familiesOf(tested)) {
      const open = kind === WHOLE ? family.filter(({ row }) => !explained.has(row)) : family;
      const limit = discoveryLimit(open, tests);
      const found = open.filter((one) => isFound(one, limit, index));
      const proven = found.length > 0 || (kind === WHOLE && explained.size > 0) ? found : together(open, index);
      for (const one of proven) {
        crossing.add(one);
        explained.add(one.row);
      }
    }
    for (const { stream, usual } of crossing)
      if (usual !== null) for (const one of relatedTo(stream, states, pools)) one.exclude(index, leak);
    for (const { state } of tested) if (state.goesOn(index, leak)) state.exclude(index, leak);
    for (const one of tested) {
      const { stream, row, usual, p } = one;
      const crosses = crossing.has(one);
      const verdict: Verdict = {
        crosses,
        elevated: usual === null || p <= ELEVATED || crosses,
        usual:
          usual === null
            ? RECOVERED_SHARE
            : Math.max(RECOVERED_SHARE, ceiling(usual, stream.sessions[index] ?? Number.NaN)),
        before: usual === null ? null : usual.mean,
      };
      const known = verdicts.get(row);
      if (known === undefined) verdicts.set(row, new Map([[stream.category, verdict]]));
      else known.set(stream.category, verdict);
    }
  }

  function isFound({ state, stream, row, usual, weighted, enough }: Tested, limit: number, index: number): boolean {
    if (usual !== null) return enough && weighted <= limit;
    return limits(row, stream.category, stream.failed[index] ?? 0).crosses && !state.isLeftOver;
  }

  /** Those who prove a fault together that none of them proves alone: two at least, each with more than it usually has. */
  function together(family: readonly Tested[], index: number): readonly Tested[] {
    if (family.length < 2) return [];
    const pool = pools.find(({ members }) => members.has(family[0]?.state as UsualStream));
    if (pool === undefined) return [];
    const least = typeof pool.category === 'string' ? 1 : LEAST_OF_NO_TYPE;
    const above = family.filter(({ stream, usual }) => {
      const failed = stream.failed[index] ?? 0;
      const share = failed / (stream.sessions[index] ?? Number.NaN);
      return failed >= least && share - (usual?.mean ?? PRIOR_SHARE) >= leak;
    });
    if (above.length < 2) return [];
    const usual = pool.state.usual(index);
    const { proof, enough } = pool.state.test(index, usual, thresholds);
    return enough && proof / weightOf(pool.state.stream, usual, index, thresholds) <= FALSE_DISCOVERY_RATE / tests
      ? above
      : [];
  }
  return (row, category, failed) => verdicts.get(row)?.get(category) ?? limits(row, category, failed);
};

/** What was found in one type is no baseline either for all failures of the day together, nor for all reporters together. */
function relatedTo(
  stream: FailureStream,
  states: readonly UsualStream[],
  pools: readonly Pool[],
): readonly UsualStream[] {
  const isRelated = ({ category, policy_type }: Pick<FailureStream, 'category' | 'policy_type'>) =>
    policy_type === stream.policy_type && (category === stream.category || category === WHOLE);
  return [
    ...states.filter((one) => one.stream.reporter === stream.reporter && isRelated(one.stream)),
    ...pools.filter(isRelated).map(({ state }) => state),
  ];
}

/** The tests of a day by policy type and category, all failures together last: they are asked of what no type explains. */
function familiesOf(tested: readonly Tested[]): readonly (readonly [Category, readonly Tested[]])[] {
  const families: (readonly [Category, readonly Tested[]])[] = [];
  for (const ofType of Map.groupBy(tested, ({ stream }) => stream.policy_type).values())
    families.push(...Map.groupBy(ofType, ({ stream }) => stream.category));
  return families.sort(([a], [b]) => Number(a === WHOLE) - Number(b === WHOLE));
}

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

function weightOf(
  { category, failed, sessions }: FailureStream,
  usual: Usual | null,
  index: number,
  { min_sessions }: Thresholds,
): number {
  const trials = sessions[index] ?? Number.NaN;
  const isNoisy = usual !== null && usual.mean > NOISY;
  const isBurst = isNoisy && !(trials >= min_sessions && (failed[index] ?? 0) / trials - usual.mean >= NO_BURST);
  const weight = isBurst ? NOISY_WEIGHT : 1;
  return category === WHOLE ? weight * WHOLE_WEIGHT : weight;
}

/** The share that a day with this many sessions reaches now and then without anything being wrong. */
function ceiling({ mean, dispersion, uncertainty }: Usual, sessions: number): number {
  if (mean <= RECOVERED_SHARE / 2 || Number.isNaN(sessions)) return RECOVERED_SHARE;
  const variance = mean * (1 - mean) * (dispersion + uncertainty + 1 / sessions);
  return mean + 1.5 * Math.sqrt(variance);
}
