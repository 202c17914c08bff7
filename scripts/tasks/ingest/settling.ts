import type { Instant } from '../../core/clock.ts';
import { plainText } from '../../core/plain-text.ts';
import type { EntryDomains } from '../../core/reports/attribution.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { isOurs } from '../../core/reports/intake.ts';
import type { Quarantine } from '../../io/store/quarantine.ts';
import type { StoredReports } from '../../io/store/stored-reports.ts';
import type { MailboxOutcome } from './mailbox.ts';
import type { Reading, ReadyReport } from './reading.ts';

/** What one ingest has come to so far. */
type IngestCounts = Omit<IngestResult, 'unreadable' | keyof MailboxOutcome>;

/** Decides what becomes of each reading, and counts. */
export interface Settling {
  /** The lines to be stored of these readings. */
  readonly settle: (readings: readonly Reading[]) => readonly string[];
  /** Says which domains are ours: it may become known only after the first readings. */
  readonly know: (managed: readonly string[]) => void;
  /** Once the domains are known. */
  readonly counts: () => IngestCounts;
}

export interface SettlingContext {
  readonly stored: StoredReports;
  readonly quarantine: Quarantine;
  readonly now: Instant;
  /** How a source is named to a person. */
  readonly show: (name: string) => string;
}

interface NewReport {
  readonly entries: readonly EntryDomains[];
  readonly believed: boolean;
}

/** Anybody may send mail under any name. */
const NAMED_REPORTERS = 1000;

export function settling({ stored, quarantine, now, show }: SettlingContext): Settling {
  let messages = 0;
  let duplicates = 0;
  let conflicts = 0;
  let reports = 0;
  let foreign = 0;
  let unauthenticated = 0;
  let managed: ReadonlySet<string> | null = null;
  /** New reports from before the domains were known. */
  let unjudged: NewReport[] = [];
  const quarantined: { readonly source: string; readonly reason: string }[] = [];
  const warnings = new Map<string, number>();
  const byReporter = new Map<string, Map<string, number>>();
  const other = new Map<string, number>();

  const judge = ({ entries, believed }: NewReport, ours: ReadonlySet<string>): void => {
    if (!isOurs(entries, ours)) foreign += 1;
    else if (!believed) unauthenticated += 1;
  };

  const countWarnings = ({ reporter, warnings: found }: ReadyReport): void => {
    if (found.length === 0) return;
    const name = plainText(reporter, 100);
    const own = byReporter.get(name) ?? (byReporter.size < NAMED_REPORTERS ? new Map<string, number>() : null);
    if (own !== null) byReporter.set(name, own);
    for (const warning of found) {
      const kind = warning.split(':', 1)[0] ?? warning;
      tally(warnings, kind);
      if (own !== null) tally(own, kind);
    }
  };

  const settleOne = (reading: Reading, lines: string[]): void => {
    if (reading.kind === 'passed-over') {
      tally(other, reading.why);
      return;
    }
    messages += 1;
    if (reading.kind === 'unreadable') {
      quarantined.push({ source: show(reading.name), reason: 'unreadable-file' });
      return;
    }
    if (reading.kind === 'done') {
      duplicates += stored.reportsOf(reading.sha256) ?? 0;
      const known = quarantine.find(reading.sha256);
      if (known !== null) quarantined.push({ source: show(reading.name), reason: known.reason });
      return;
    }
    const { sha256, fault } = reading;
    if (fault !== null) {
      const { reason, message, raw } = fault;
      const source = show(reading.name);
      quarantined.push({ source, reason });
      const about = { source, reason, message: plainText(message, 500), at: now, size: raw.length, sha256 };
      quarantine.put({ ...about, reports: reading.reports.length }, raw);
    }
    if (reading.other !== null) tally(other, reading.other);
    for (const report of reading.reports) {
      const claim = stored.claim(report.key, report.sha256, report.believed);
      if (claim === 'duplicate') {
        duplicates += 1;
        continue;
      }
      if (claim === 'conflict') conflicts += 1;
      reports += 1;
      if (managed === null) unjudged.push({ entries: report.entries, believed: report.believed });
      else judge(report, managed);
      countWarnings(report);
      lines.push(...report.lines);
    }
  };

  return {
    settle: (readings) => {
      const lines: string[] = [];
      for (const reading of readings) settleOne(reading, lines);
      return lines;
    },
    know: (domains) => {
      managed = new Set(domains);
      for (const report of unjudged) judge(report, managed);
      unjudged = [];
    },
    counts: () => ({
      messages,
      reports,
      duplicates,
      conflicts,
      foreign,
      unauthenticated,
      quarantined,
      warnings: sorted(warnings),
      warnings_by_reporter: Object.fromEntries(
        [...byReporter].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => [name, sorted(own)]),
      ),
      other: sorted(other),
    }),
  };
}

function tally(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
