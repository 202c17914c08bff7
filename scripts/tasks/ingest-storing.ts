import { relative, resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { Configuration } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import { BELIEVED_SQL, WORTH_ANOTHER_LOOK_SQL } from '../core/reports/acceptance.ts';
import { isOurs } from '../core/reports/intake.ts';
import { openReportArchive, type ReportArchive } from '../io/store/report-archive.ts';
import type { IngestResult } from './ingest.ts';
import type { MailRules, Reading, ReadingBatch } from './ingest-reading.ts';
import { loadConfiguration } from './load-configuration.ts';

/** What storing depends on, as plain data: it may go to another thread. */
export interface StoringRequest {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly dryRun: boolean;
  /** Null = by the configuration under the root, where there is one. */
  readonly rules: MailRules | null;
}

/** The half of ingest that knows the store: it takes what was read and tells what became of it. */
export interface Storer {
  readonly rules: Promise<MailRules>;
  /** Slots of a DigestMap: sources with nothing left to do. */
  readonly done: Promise<Uint32Array>;
  readonly store: (batch: ReadingBatch) => Promise<void>;
  /** Stores the rest. */
  readonly finish: () => Promise<IngestResult>;
  /** Lets go of the store; what was not stored is forgotten. */
  readonly close: () => Promise<void>;
}

/** Opens the store for one ingest. Throws `store-busy` (exit 3). */
export async function openStorer({ root, data, now, dryRun, rules: given }: StoringRequest): Promise<Storer> {
  const rules = given ?? (await mailRules(root));
  const sql = { believed: BELIEVED_SQL, again: WORTH_ANOTHER_LOOK_SQL };
  const archive = await openReportArchive(data, { readOnly: dryRun, managed: rules.managed, rules: sql });
  const counts = noCounts();
  const show = (name: string): string => plainText(shortName(root, name), 300);
  const context: StoreContext = { archive, managed: new Set(rules.managed), now, counts, show };
  return {
    rules: Promise.resolve(rules),
    done: Promise.resolve(archive.stored.sources.slots),
    store: async ({ readings }) => {
      for (const reading of readings) storeReading(reading, context);
      await archive.flush('when-full');
    },
    finish: async () => {
      await archive.flush('all');
      return {
        ...counts,
        warnings: sorted(counts.warnings),
        other: sorted(counts.other),
        unreadable: archive.unreadable,
      };
    },
    close: async () => archive.close(),
  };
}

interface Counts {
  messages: number;
  reports: number;
  duplicates: number;
  conflicts: number;
  foreign: number;
  unauthenticated: number;
  readonly quarantined: { readonly source: string; readonly reason: string }[];
  readonly warnings: Record<string, number>;
  readonly other: Record<string, number>;
}

interface StoreContext {
  readonly archive: ReportArchive;
  readonly managed: ReadonlySet<string>;
  readonly now: Instant;
  readonly counts: Counts;
  /** How a source is named to a person. */
  readonly show: (name: string) => string;
}

function storeReading(reading: Reading, { archive, managed, now, counts, show }: StoreContext): void {
  if (reading.kind === 'passed-over') {
    tally(counts.other, reading.why);
    return;
  }
  counts.messages += 1;
  if (reading.kind === 'unreadable') {
    counts.quarantined.push({ source: show(reading.name), reason: 'unreadable-file' });
    return;
  }
  if (reading.kind === 'done') {
    counts.duplicates += archive.stored.reportsOf(reading.sha256) ?? 0;
    const known = archive.quarantine.find(reading.sha256);
    if (known !== null) counts.quarantined.push({ source: show(reading.name), reason: known.reason });
    return;
  }
  const { sha256, reports, fault, other } = reading;
  if (fault !== null) {
    const { reason, raw } = fault;
    const source = show(reading.name);
    const message = plainText(fault.message, 500);
    counts.quarantined.push({ source, reason });
    archive.quarantine.put(
      { source, reason, message, at: now, size: raw.length, sha256, reports: reports.length },
      raw,
    );
  }
  if (other !== null) tally(counts.other, other);
  for (const report of reports) {
    const claim = archive.stored.claim(report.key, report.sha256, report.believed);
    if (claim === 'duplicate') {
      counts.duplicates += 1;
      continue;
    }
    if (claim === 'conflict') counts.conflicts += 1;
    counts.reports += 1;
    if (!isOurs(report.entries, managed)) counts.foreign += 1;
    else if (!report.believed) counts.unauthenticated += 1;
    for (const warning of report.warnings) tally(counts.warnings, warning.split(':', 1)[0] ?? warning);
    archive.add(report.lines);
  }
}

/** Files can be read without a configuration: then no domain is ours. */
async function mailRules(root: string): Promise<MailRules> {
  try {
    return mailRulesOf(await loadConfiguration(root), root);
  } catch (error) {
    if (error instanceof PosternError && error.code === 'root-missing')
      return { managed: [], dkimKeys: null, resolver: null };
    throw error;
  }
}

/** What the configuration says of judging mail. */
export function mailRulesOf({ settings, domains }: Configuration, root: string): MailRules {
  const { dkim_keys: keys = null, resolver = null } = settings?.network ?? {};
  return {
    managed: domains.map(({ domain }) => domain),
    dkimKeys: keys === null ? null : resolve(root, keys),
    resolver,
  };
}

function noCounts(): Counts {
  return {
    messages: 0,
    reports: 0,
    duplicates: 0,
    conflicts: 0,
    foreign: 0,
    unauthenticated: 0,
    quarantined: [],
    warnings: {},
    other: {},
  };
}

/** Relative to the repository where it lies in it. */
function shortName(root: string, name: string): string {
  const short = relative(resolve(root), name);
  return short === '' || short.startsWith('..') ? name : short;
}

function sorted(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tally(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
