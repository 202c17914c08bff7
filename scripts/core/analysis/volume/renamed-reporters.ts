import { addDays, daysBetween } from '../../clock.ts';
import type { ReporterRecord } from '../../reports/view.ts';
import { mean } from './volume-baseline.ts';

/** Days around the last one of the old name on which the new one begins, and the part of its sessions that shows it. */
const AROUND_DAYS = 3;
const SAME_PART = 0.5;
/** A name with fewer report days has no habit that could go on. */
const KNOWN_DAYS = 7;
/** An old name that comes back was quiet for so long at least. */
const QUIET_DAYS = 14;

/**
 * Did somebody begin to report as this one stopped, with about as many sessions? Then the sender has another name now, or
 * its old one again: that had been quiet for all the time of this one.
 */
export function successorOf(record: ReporterRecord, reporters: readonly ReporterRecord[]): ReporterRecord | null {
  const [first, last] = [record.days[0], record.days.at(-1)];
  if (first === undefined || last === undefined || record.days.length < KNOWN_DAYS) return null;
  const begun = addDays(first, AROUND_DAYS);
  const usual = mean(record.volumes);
  const found = reporters.find((other) => {
    if (other.reporter === record.reporter) return false;
    const begins = other.days.find((day) => daysBetween(last, day) >= -AROUND_DAYS);
    if (begins === undefined || daysBetween(last, begins) > AROUND_DAYS) return false;
    const before = other.days[other.days.indexOf(begins) - 1];
    if (before !== undefined && (before > begun || daysBetween(before, begins) < QUIET_DAYS)) return false;
    const volume = mean(other.volumes);
    return volume >= usual * SAME_PART && volume * SAME_PART <= usual;
  });
  return found ?? null;
}

/** The first name of each sender that has another one now, by the newer name. */
export function formerNames(reporters: readonly ReporterRecord[]): ReadonlyMap<string, string> {
  const newest = reporters.reduce((day, { days }) => ((days.at(-1) ?? '') > day ? (days.at(-1) ?? '') : day), '');
  const former = new Map<string, string>();
  for (const record of reporters) {
    // Almost everyone leaves here: it reported lately, so nobody took over from it.
    if ((record.days.at(-1) ?? newest) >= newest) continue;
    const successor = successorOf(record, reporters);
    if (successor !== null) former.set(successor.reporter, former.get(record.reporter) ?? record.reporter);
  }
  return former;
}
