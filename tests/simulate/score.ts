import { addDays, type Day, daysBetween } from '#scripts/core/clock.ts';
import type { Finding } from '#scripts/core/finding.ts';
import type { Incident, SimulatedYear } from './year.ts';

/** What one model made of one year. */
export interface Score {
  incidents: number;
  found: number;
  /** Incidents that shift a reporter with at least 200 sessions a day by at least five points. */
  clear: number;
  clearFound: number;
  /** Days from the first review that could tell to the one that did, of each found incident. */
  readonly delays: number[];
  /** Incidents that a finding of their own told on that first day: not one that was open before they began, or is of something else. */
  ownFirstDay: number;
  /** Found incidents whose finding named the right actor. */
  actorRight: number;
  actorAsked: number;
  /** Findings that belong to an incident, and those that belong to none: each once, however long it lasts. */
  trueFindings: number;
  falseFindings: number;
  domainYears: number;
  readonly missed: string[];
  readonly late: string[];
  readonly falseRules: string[];
  readonly wrongActors: string[];
}

export function emptyScore(): Score {
  return {
    incidents: 0,
    found: 0,
    clear: 0,
    clearFound: 0,
    delays: [],
    ownFirstDay: 0,
    actorRight: 0,
    actorAsked: 0,
    trueFindings: 0,
    falseFindings: 0,
    domainYears: 0,
    missed: [],
    late: [],
    falseRules: [],
    wrongActors: [],
  };
}

interface Seen {
  readonly finding: Finding;
  readonly on: Day;
}

/** Days after its end in which an incident may still be found: reports are late. */
const LATE = 6;

/** Follows the reviews of one year day by day. */
export class YearScore {
  readonly #year: SimulatedYear;
  readonly #first: Map<Incident, Seen> = new Map();
  readonly #firstOwn: Map<Incident, Day> = new Map();
  readonly #last: Map<Incident, Finding> = new Map();
  /** Fingerprint → the day it was last listed open. */
  readonly #open: Map<string, Day> = new Map();
  readonly #score: Score;

  constructor(year: SimulatedYear, score: Score) {
    this.#year = year;
    this.#score = score;
  }

  review(on: Day, findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (finding.state !== 'open') continue;
      const incident = this.#incidentOf(finding, on);
      const known = this.#open.get(finding.fingerprint);
      this.#open.set(finding.fingerprint, on);
      // A finding that was listed within the last week goes on: it is not a new one.
      const isNew = known === undefined || daysBetween(known, on) > 7;
      if (incident === null) {
        if (isNew) {
          this.#score.falseFindings++;
          this.#score.falseRules.push(
            `${this.#year.domain.domain} ${finding.rule} ${finding.subject.name} since ${finding.since}: ${finding.summary}`,
          );
        }
        continue;
      }
      if (isNew) this.#score.trueFindings++;
      if (!this.#first.has(incident)) this.#first.set(incident, { finding, on });
      const [begins, ends] = [incident.first, incident.last].map((day) => addDays(this.#year.start, day)) as [Day, Day];
      if (!this.#firstOwn.has(incident) && isAbout(incident, finding) && finding.since >= begins)
        this.#firstOwn.set(incident, on);
      if (isAbout(incident, finding) && finding.since <= ends && on <= addDays(ends, 2))
        this.#last.set(incident, finding);
    }
  }

  end(): void {
    const score = this.#score;
    score.domainYears += (this.#year.days - 30) / 365;
    for (const incident of this.#year.incidents) {
      if (incident.kind.harmless !== undefined || !canBeTold(incident, this.#year)) continue;
      score.incidents++;
      const clear = isClear(incident, this.#year);
      if (clear) score.clear++;
      const seen = this.#first.get(incident);
      if (seen === undefined) {
        score.missed.push(
          `${this.#year.domain.domain} ${incident.kind.name} (share ${incident.share.toFixed(2)}, ${clear ? 'clear' : 'faint'})`,
        );
        continue;
      }
      score.found++;
      if (clear) score.clearFound++;
      const tellable = firstTold(incident, this.#year);
      const delay = Math.max(0, daysBetween(tellable, seen.on));
      score.delays.push(delay);
      const own = this.#firstOwn.get(incident);
      if (own !== undefined && own <= tellable) score.ownFirstDay++;
      if (delay > 0)
        score.late.push(
          `${this.#year.domain.domain} ${incident.kind.name} (share ${incident.share.toFixed(2)}, ${clear ? 'clear' : 'faint'}) ${delay} days: ${seen.finding.rule}`,
        );
      const last = this.#last.get(incident) ?? seen.finding;
      score.actorAsked++;
      if (last.actor === incident.kind.actor) score.actorRight++;
      else score.wrongActors.push(`${incident.kind.name}: ${last.rule} says ${last.actor}, not ${incident.kind.actor}`);
    }
  }

  #incidentOf(finding: Finding, on: Day): Incident | null {
    const { start, incidents } = this.#year;
    for (const incident of incidents) {
      if (incident.kind.harmless !== undefined) continue;
      const first = addDays(start, incident.first);
      const last = addDays(start, incident.last + LATE);
      if (on >= first && finding.last_seen >= first && finding.since <= last && on <= addDays(last, 12))
        return incident;
    }
    return null;
  }
}

function isAbout({ kind, types }: Incident, { rule, subject }: Finding): boolean {
  if (kind.silent !== undefined) return rule === 'reports-silent';
  if (kind.volume !== undefined) return rule === 'anomaly-volume';
  return rule === kind.probe?.code || [...types.values()].some((type) => subject.result_type === type);
}

/** Did anything reach a report that a person with hindsight would see? */
function canBeTold(incident: Incident, { domain }: SimulatedYear): boolean {
  const { kind, reporters, share, first, last } = incident;
  const pairs = domain.pairs.filter(({ reporter }) => reporters.has(reporter.reporter));
  const sessions = pairs.reduce((sum, pair) => sum + pair.sessions, 0);
  if (kind.silent === 'one') return pairs.some((pair) => pair.sessions >= 20);
  if (kind.silent === 'all') return true;
  if (kind.volume !== undefined) return domain.pairs.some((pair) => pair.sessions * pair.reporter.weekend >= 100);
  return sessions * share * (last - first + 1) >= 10;
}

function isClear({ kind, reporters, share }: Incident, { domain }: SimulatedYear): boolean {
  if (kind.seen === 'none' || share < 0.05) return false;
  return domain.pairs.some(
    ({ reporter, sessions }) => reporters.has(reporter.reporter) && sessions * reporter.weekend >= 200,
  );
}

/** The day of the first review that had a report of the incident. */
function firstTold({ kind, reporters, first, last }: Incident, { start, rows }: SimulatedYear): Day {
  const from = addDays(start, first);
  const to = addDays(start, last);
  // Silence of more than three complete days, or of more than two of everyone.
  if (kind.silent !== undefined) return addDays(from, kind.silent === 'all' ? 4 : 5);
  // A volume is complete two days later.
  if (kind.volume !== undefined) return addDays(from, 2);
  const told = rows
    .filter((row) => row.day >= from && row.day <= to && reporters.has(row.reporter) && row.failed > 0)
    .map((row) => row.received_at)
    .sort()[0];
  return told === undefined ? to : addDays(told.slice(0, 10) as Day, told.slice(11) > REVIEW_TIME ? 1 : 0);
}

/** Reviews are held at 10:00 UTC. */
export const REVIEW_TIME = '10:00:00Z';
