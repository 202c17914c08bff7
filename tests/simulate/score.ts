import { addDays, type Day, daysBetween } from '#scripts/core/clock.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { type Accounting, BY_CAUSE } from './accounting.ts';
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
  /** When each incident that reports can tell of was told, found or not. */
  readonly told: Told[];
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
    told: [],
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

/** Days after its end in which a finding may still be of an incident; the next one begins later (year.ts). */
const AFTER = 18;

interface Told {
  readonly incident: string;
  /** Of the first review that could tell it. */
  readonly tellable: Day;
  /** Null: never. */
  readonly first: Seen | null;
}

/** Follows the reviews of one year day by day. */
export class YearScore {
  readonly #year: SimulatedYear;
  readonly #first: Map<Incident, Seen> = new Map();
  readonly #last: Map<Incident, Finding> = new Map();
  /** Fingerprint → the day it was last listed open. */
  readonly #open: Map<string, Day> = new Map();
  readonly #score: Score;
  readonly #accounting: Accounting;

  constructor(year: SimulatedYear, score: Score, accounting: Accounting = BY_CAUSE) {
    this.#year = year;
    this.#score = score;
    this.#accounting = accounting;
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
      const ends = addDays(this.#year.start, incident.last);
      if (this.#accounting.isAbout(finding, incident, this.#year) && finding.since <= ends && on <= addDays(ends, 2))
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
      const tellable = this.#accounting.tellable(incident, this.#year);
      score.told.push({ incident: this.#name(incident, clear), tellable, first: seen ?? null });
      if (seen === undefined) {
        score.missed.push(this.#name(incident, clear));
        continue;
      }
      score.found++;
      if (clear) score.clearFound++;
      const delay = Math.max(0, daysBetween(tellable, seen.on));
      score.delays.push(delay);
      if (delay > 0) score.late.push(`${this.#name(incident, clear)} ${delay} days: ${seen.finding.rule}`);
      const last = this.#last.get(incident) ?? seen.finding;
      score.actorAsked++;
      if (last.actor === incident.kind.actor) score.actorRight++;
      else score.wrongActors.push(`${incident.kind.name}: ${last.rule} says ${last.actor}, not ${incident.kind.actor}`);
    }
  }

  #name({ kind, share, first }: Incident, clear: boolean): string {
    const { domain, start } = this.#year;
    return `${domain.domain} ${addDays(start, first)} ${kind.name} (share ${share.toFixed(2)}, ${clear ? 'clear' : 'faint'})`;
  }

  #incidentOf(finding: Finding, on: Day): Incident | null {
    const { start, incidents } = this.#year;
    const found = incidents.find(
      (incident) =>
        incident.kind.harmless === undefined &&
        on >= addDays(start, incident.first) &&
        on <= addDays(start, incident.last + AFTER) &&
        this.#accounting.isOf(finding, incident, this.#year),
    );
    return found ?? null;
  }
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
