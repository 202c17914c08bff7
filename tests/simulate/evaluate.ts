import { fixedLimits, type JudgeOfDomain } from '#scripts/core/analysis/failures/failure-judge.ts';
import { againstUsual } from '#scripts/core/analysis/failures/usual-failures.ts';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays, type Instant } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';
import { config, day } from '../core/analysis/world.ts';
import { BY_TIME } from './accounting.ts';
import { Chance } from './chance.ts';
import { type SimulatedDomain, simulatedDomain } from './fleet.ts';
import { HELD_OUT_KINDS } from './held-out-kinds.ts';
import { INCIDENT_KINDS, type IncidentKind } from './incident-kinds.ts';
import { medianAndMad } from './median-and-mad.ts';
import { PlayedWorld, playYear } from './play.ts';
import { standingsOn } from './probes.ts';
import { emptyScore, type Score, YearScore } from './score.ts';
import { REVIEW_TIME } from './tellable.ts';
import { UNSEEN_KINDS } from './unseen-kinds.ts';
import { viewAt } from './view.ts';
import { type SimulatedYear, simulatedYear } from './year.ts';

export interface Model {
  readonly name: string;
  readonly judge: JudgeOfDomain;
  /** With what two vantages see every hour beside the reports. */
  readonly probes?: boolean;
}

export const MODELS: readonly Model[] = [
  { name: 'against the usual (beta-binomial, FDR)', judge: againstUsual },
  { name: 'median and MAD', judge: medianAndMad },
  { name: 'plain 5 % rule', judge: fixedLimits },
  { name: 'against the usual, with probes', judge: againstUsual, probes: true },
  { name: 'plain 5 % rule, with probes', judge: fixedLimits, probes: true },
];

export function configOf({ domain, mx, mode }: SimulatedDomain): DomainConfig {
  return config({ domain: domain as DomainName, mx: mx as unknown as readonly MxPattern[], mode });
}

/** Holds a review every day of the year and scores it: by cause, and by time when that is asked, too. */
export function scoreYear(
  year: SimulatedYear,
  { judge, probes = false }: Model,
  score: Score,
  byTime: Score = emptyScore(),
): void {
  const followed = [new YearScore(year, score), new YearScore(year, byTime, BY_TIME)];
  const domains = [configOf(year.domain)];
  for (let index = 30; index < year.days; index++) {
    const on = addDays(year.start, index);
    const now = `${on}T${REVIEW_TIME}` as Instant;
    const reports = viewAt(year.domain.domain, year.rows, now);
    const standings = probes ? standingsOn(year, on) : [];
    const { findings } = reviewDomains({ domains, reports, now, standings, judge });
    for (const one of followed) one.review(on, findings);
  }
  for (const one of followed) one.end();
}

interface Scores {
  readonly byCause: Score;
  readonly byTime: Score;
}

function evaluate(
  seed: string,
  domains: number,
  models: readonly Model[],
  kinds: readonly IncidentKind[] = INCIDENT_KINDS,
): ReadonlyMap<string, Scores> {
  const scores = new Map(models.map(({ name }) => [name, { byCause: emptyScore(), byTime: emptyScore() }]));
  for (let index = 0; index < domains; index++) {
    const domain = simulatedDomain(new Chance(`${seed} fleet ${index}`), index, { odd: kinds === HELD_OUT_KINDS });
    const year = simulatedYear(domain, seed, { start: day('2025-03-01'), kinds });
    for (const model of models) {
      const score = scores.get(model.name);
      if (score !== undefined) scoreYear(year, model, score.byCause, score.byTime);
    }
  }
  return scores;
}

function scoreLine(name: string, score: Score): string {
  const ratio = (part: number, whole: number) => (whole === 0 ? '–' : (part / whole).toFixed(3));
  const delays = [...score.delays].sort((a, b) => a - b);
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length);
  const firstDay = delays.filter((delay) => delay === 0).length;
  return [
    name.padEnd(40),
    `recall ${ratio(score.found, score.incidents)}`,
    `clear ${ratio(score.clearFound, score.clear)} of ${score.clear}`,
    `precision ${ratio(score.trueFindings, score.trueFindings + score.falseFindings)}`,
    `delay ${mean.toFixed(2)} d`,
    `first day ${ratio(firstDay, delays.length)}, of all incidents ${ratio(firstDay, score.incidents)}`,
    `false/domain-year ${(score.falseFindings / Math.max(0.001, score.domainYears)).toFixed(2)}`,
    `actor ${ratio(score.actorRight, score.actorAsked)}`,
  ].join('  ');
}

function details({ missed, late, falseRules, wrongActors }: Score): readonly string[] {
  return [
    ...missed.map((line) => `  missed: ${line}`),
    ...late.map((line) => `  late: ${line}`),
    ...falseRules.map((line) => `  false: ${line}`),
    ...wrongActors.map((line) => `  actor: ${line}`),
  ];
}

/** The incidents that the plain rule told on the first day and the chosen model did not, by either account. */
function ahead(scores: ReadonlyMap<string, Scores>): readonly string[] {
  const lines: string[] = [];
  for (const account of ['byCause', 'byTime'] as const) {
    const [chosen, plain] = ['against the usual, with probes', 'plain 5 % rule, with probes'].map(
      (name) => scores.get(name)?.[account].told ?? [],
    );
    for (const [place, { incident, tellable, first }] of (plain ?? []).entries()) {
      const on = chosen?.[place]?.first?.on ?? null;
      if (first === null || first.on > tellable || (on !== null && on <= tellable)) continue;
      const { rule, subject, since } = first.finding;
      lines.push(
        `  ahead (${account}): ${incident}: ${on ?? 'never'}; the plain rule: ${rule} ${subject.name} since ${since}`,
      );
    }
  }
  return lines;
}

/** A short year of each domain through the real commands: reports as files, looks as lines, a review every day. */
async function playThrough(seed: string, domains: number, kinds: readonly IncidentKind[]): Promise<Score> {
  const score = emptyScore();
  for (let index = 0; index < domains; index++) {
    const domain = simulatedDomain(new Chance(`${seed} fleet ${index}`), index);
    const year = simulatedYear(domain, seed, { start: day('2025-03-01'), days: 110, kinds });
    const followed = new YearScore(year, score);
    const world = new PlayedWorld([domain]);
    try {
      await playYear(world, year, [40, year.days - 1], (on, { findings }) => followed.review(on, findings));
    } finally {
      world.remove();
    }
    followed.end();
  }
  return score;
}

if (import.meta.main) {
  const seed = process.argv[2] ?? '1';
  const domains = Number(process.argv[3] ?? '24');
  const kinds = process.argv.includes('--held-out')
    ? HELD_OUT_KINDS
    : process.argv.includes('--unseen')
      ? UNSEEN_KINDS
      : INCIDENT_KINDS;
  const models = MODELS.filter(({ probes }) => !process.argv.includes('--quick') || probes === true);
  if (process.argv.includes('--play')) console.log(scoreLine('played', await playThrough(seed, domains, kinds)));
  else {
    const scores = evaluate(seed, domains, models, kinds);
    for (const [name, { byCause, byTime }] of scores) {
      console.log(scoreLine(name, byCause));
      console.log(scoreLine('  any finding open meanwhile', byTime));
      if (process.argv.includes('--detail')) for (const line of details(byCause)) console.log(line);
    }
    if (process.argv.includes('--detail')) for (const line of ahead(scores)) console.log(line);
  }
}
