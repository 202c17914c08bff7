import { addDays, type Day } from '#scripts/core/clock.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { reviewOf, tellableOn } from './tellable.ts';
import type { Incident, SimulatedYear } from './year.ts';

/** Days after its end in which an incident may still be found: reports are late. */
const LATE = 6;

/** Which findings are of an incident, and from when on it could be told. */
export interface Accounting {
  readonly isOf: (finding: Finding, incident: Incident, year: SimulatedYear) => boolean;
  /** So much of it that its actor counts. */
  readonly isAbout: (finding: Finding, incident: Incident, year: SimulatedYear) => boolean;
  readonly tellable: (incident: Incident, year: SimulatedYear) => Day;
}

/**
 * By cause: a finding is of an incident when the incident caused what the finding speaks of, at least in part: failures
 * of that type and reporter, the silence, the loss, or what its probe sees.
 */
export const BY_CAUSE: Accounting = { isOf: isCausedBy, isAbout: isCausedBy, tellable: tellableOn };

/**
 * By time, the coarse way: whatever is open meanwhile is of the incident, also noise that has been told for months; and
 * it can be told from the first report with any failure in it.
 */
export const BY_TIME: Accounting = { isOf: isMeanwhile, isAbout: isAlike, tellable: firstFailure };

function isCausedBy({ rule, subject, since, last_seen }: Finding, incident: Incident, year: SimulatedYear): boolean {
  const { kind } = incident;
  const [first, last] = [incident.first, incident.last].map((day) => addDays(year.start, day)) as [Day, Day];
  if (since > last || last_seen < first) return false;
  const isItsReporter = subject.reporter === null || incident.reporters.has(subject.reporter);
  if (kind.silent !== undefined) return rule === 'reports-silent' && (isItsReporter || kind.silent === 'all');
  if (kind.volume !== undefined) return rule === 'anomaly-volume' || rule === 'reports-silent';
  if (rule === kind.probe?.code || (rule === 'mx-backup-only' && kind.mx === 1 && kind.probe !== null)) return true;
  if (subject.result_type === null && rule !== 'anomaly-rate') return false;
  return year.rows.some(
    ({ day, reporter, caused }) =>
      day >= since &&
      day <= last_seen &&
      (subject.reporter === null || subject.reporter === reporter) &&
      caused.some(
        (one) => one.incident === incident && (subject.result_type === null || subject.result_type === one.result_type),
      ),
  );
}

function isMeanwhile({ since, last_seen }: Finding, incident: Incident, { start }: SimulatedYear): boolean {
  return last_seen >= addDays(start, incident.first) && since <= addDays(start, incident.last + LATE);
}

function isAlike({ rule, subject }: Finding, { kind, types }: Incident): boolean {
  if (kind.silent !== undefined) return rule === 'reports-silent';
  if (kind.volume !== undefined) return rule === 'anomaly-volume';
  return rule === kind.probe?.code || [...types.values()].some((type) => subject.result_type === type);
}

function firstFailure(incident: Incident, year: SimulatedYear): Day {
  const { kind, reporters, first, last } = incident;
  if (kind.silent !== undefined || kind.volume !== undefined) return tellableOn(incident, year);
  const from = addDays(year.start, first);
  const to = addDays(year.start, last);
  const told = year.rows
    .filter((row) => row.day >= from && row.day <= to && reporters.has(row.reporter) && row.failed > 0)
    .map(reviewOf)
    .sort();
  return told[0] ?? to;
}
