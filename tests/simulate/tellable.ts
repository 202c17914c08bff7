import { logGamma } from '#scripts/core/analysis/failures/beta-binomial.ts';
import { addDays, type Day, daysBetween } from '#scripts/core/clock.ts';
import type { Pair } from './fleet.ts';
import { type Incident, type SimulatedRow, type SimulatedYear, shareOn } from './year.ts';

/** Reviews are held at 10:00 UTC. */
export const REVIEW_TIME = '10:00:00Z';

/** So many times as likely with the incident as without it. */
const PROOF = Math.log(1000);
/** How much a day's share of an incident differs (year.ts). */
const INCIDENT_SPREAD = 0.1;
/** What any reporter's sessions may fail without being noticed (fleet.ts): nobody knows of one that it fails less. */
const ORDINARY = 0.004;

/** The day of the review that a report is first in. */
export function reviewOf({ received_at }: SimulatedRow): Day {
  return addDays(received_at.slice(0, 10) as Day, received_at.slice(11) > REVIEW_TIME ? 1 : 0);
}

/**
 * The day of the first review whose reports could tell an incident, whoever reads them: what they say of the failures it
 * causes is a thousand times as likely in a world with it as in the same world without it. Worked out from what the
 * simulator knows, so it is the same for every model. `to` when they never could.
 */
export function tellableOn(incident: Incident, { domain, start, rows }: SimulatedYear): Day {
  const { kind, first, last, reporters } = incident;
  const from = addDays(start, first);
  const to = addDays(start, last);
  // Silence of more than three complete days, or of more than two of everyone.
  if (kind.silent !== undefined) return addDays(from, kind.silent === 'all' ? 4 : 5);
  // A volume is complete two days later.
  if (kind.volume !== undefined) return addDays(from, 2);
  const pairs = new Map(domain.pairs.map((pair) => [pair.reporter.reporter, pair]));
  const told = rows
    .filter(
      ({ day, reporter, policy_type }) =>
        day >= from && day <= to && policy_type === kind.policy_type && reporters.has(reporter),
    )
    .map((row) => ({ on: reviewOf(row), proof: proofOf(row, incident, pairs.get(row.reporter) as Pair, start) }));
  let proof = 0;
  for (const [on, ofDay] of [...Map.groupBy(told, ({ on }) => on)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    proof = ofDay.reduce((sum, one) => sum + one.proof, proof);
    if (proof >= PROOF) return on;
  }
  return to;
}

/** Logarithm of the likelihood ratio of one report. */
function proofOf(row: SimulatedRow, incident: Incident, { reporter, noise }: Pair, start: Day): number {
  const { kind, types } = incident;
  const weekday = new Date(`${row.day}T00:00:00Z`).getUTCDay();
  const share = shareOn(incident, daysBetween(start, row.day), weekday);
  if (share === 0) return 0;
  const named = kind.mixed ? kind.types : [types.get(reporter.reporter) ?? null];
  return named.reduce((sum, type) => {
    let usual = 0;
    let variance = 0;
    for (const one of noise) {
      if (row.policy_type !== 'sts' || one.type !== type) continue;
      usual += one.share;
      variance += one.share ** 2 * (Math.exp(one.spread ** 2) - 1);
    }
    const without = Math.max(ORDINARY, usual);
    const more = share / named.length;
    const failed = failedOf(row, type);
    const sessions = row.successful + row.failed;
    return (
      sum +
      likelihood(failed, sessions, without + more, variance + (more * INCIDENT_SPREAD) ** 2) -
      likelihood(failed, sessions, without, variance)
    );
  }, 0);
}

function failedOf({ failed, details }: SimulatedRow, type: string | null): number {
  const explained = details.filter(({ result_type }) => type === null || result_type === type);
  const sessions = explained.reduce((sum, one) => sum + one.sessions, 0);
  return type === null ? failed - sessions : sessions;
}

/** Beta-binomial, but for what does not depend on the share; `variance` is that of the share from day to day. */
function likelihood(failed: number, sessions: number, share: number, variance: number): number {
  const mean = Math.min(0.999, share);
  const precision = (mean * (1 - mean)) / Math.max(1e-8, variance) - 1;
  const [a, b] = [mean * Math.max(1, precision), (1 - mean) * Math.max(1, precision)];
  return logBeta(failed + a, sessions - failed + b) - logBeta(a, b);
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}
