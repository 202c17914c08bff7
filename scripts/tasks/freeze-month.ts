import { join } from 'node:path';
import type { Instant } from '../core/clock.ts';
import { auditorReadme } from '../core/month/auditor-readme.ts';
import { certificateRecords, certificatesCsv } from '../core/month/certificates.ts';
import type { ChangeFacts } from '../core/month/changes.ts';
import { controlMapCsv } from '../core/month/control-map.ts';
import type { MonthFigures } from '../core/month/figures.ts';
import type { IncidentRecord } from '../core/month/incident-records.ts';
import { monthLists } from '../core/month/lists.ts';
import { type Manifest, manifestText } from '../core/month/manifest.ts';
import { firstDay, lastDay, type Month, monthBefore } from '../core/month/period.ts';
import { monthReportDocument } from '../core/month/report-html.ts';
import { versionsDuring } from '../core/month/versions.ts';
import { ledgerLines } from '../core/policy/ledger-lines.ts';
import {
  commitMonth,
  discardStaged,
  listFrozenMonths,
  listHashed,
  newestStatement,
  readManifestText,
  sha256Of,
  stageMonth,
  writeFiles,
} from '../io/evidence/month-folders.ts';
import { exportMonthRows } from '../io/evidence/month-rows.ts';
import type { DomainName } from '../standards/domain-name.ts';
import { deriveMonth } from './derive-month.ts';
import { readLedger, readLedgerEvents } from './ledger.ts';
import { openObservationStore } from './open-observation-store.ts';
import { openReportStore } from './open-report-store.ts';

export interface FreezeOptions {
  readonly data: string;
  readonly period: Month;
  readonly domains: readonly DomainName[];
  readonly organisation: string;
  readonly now: Instant;
  readonly version: string;
  readonly commit: string | null;
  readonly changes: ChangeFacts;
  /** Null: nothing keeps incidents here. */
  readonly incidents: readonly IncidentRecord[] | null;
}

/**
 * Freezes a month: copies its rows as they are known at `now`, derives the figures from that copy, writes lists and report,
 * and closes them with a manifest that names the month before. Put in place at once; the caller holds the lock.
 */
export async function freezeMonth(options: FreezeOptions): Promise<Manifest> {
  const { data, period, domains, now, changes, incidents, organisation, version, commit } = options;
  const staging = stageMonth(data, period);
  try {
    const rows = join(staging, 'data');
    const { looks, unreadable } = await exportMonthRows(data, rows, { month: period, known: now });
    writeFiles(rows, Object.fromEntries(domains.flatMap((domain) => ledgerCopy(data, domain, now))));

    const { figures } = await deriveMonth(rows, { period, domains, known: now });
    const { reports, spans } = await populations(rows, { period, domains, now });
    const versions = domains.flatMap((domain) =>
      versionsDuring(readLedger(rows, domain), period).map((one) => [domain as string, one] as const),
    );
    const facts = { period, domains, reports, versions, spans, looks, changes: changes.changes, incidents };
    const certificates = certificateRecords(spans);
    const previous = previousOf(data, period);
    const stamp = { frozen_at: now, tool: { name: 'postern', version } as const, commit, previous };
    writeFiles(staging, {
      'figures.json': `${JSON.stringify(figures, null, 2)}\n`,
      'report.html': monthReportDocument({
        ...facts,
        organisation,
        figures,
        before: figuresBefore(data, previous, period),
        certificates,
        change_source: changes.source,
        frozen_at: now,
        version,
        commit,
        unreadable: unreadable.map(({ file }) => file),
      }),
      'control-map.csv': controlMapCsv(),
      'README.txt': auditorReadme({ organisation, figures, manifest: stamp }),
      'lists/certificates.csv': certificatesCsv(certificates),
      ...monthLists(facts),
    });
    const manifest: Manifest = { format: 'postern-month-1', period, ...stamp, files: listHashed(staging) };
    writeFiles(staging, { 'manifest.json': manifestText(manifest) });
    commitMonth(data, period);
    return manifest;
  } finally {
    discardStaged(data, period);
  }
}

/** What the ledger of a domain said at `now`. */
function ledgerCopy(data: string, domain: DomainName, now: Instant): readonly (readonly [string, string])[] {
  const events = readLedgerEvents(data, domain).filter(({ at }) => at <= now);
  return events.length === 0 ? [] : [[`policies/${domain}.jsonl`, `${ledgerLines(events).join('\n')}\n`]];
}

async function populations(
  rows: string,
  { period, domains, now }: { readonly period: Month; readonly domains: readonly DomainName[]; readonly now: Instant },
) {
  const [from, to] = [firstDay(period), lastDay(period)];
  const reportStore = await openReportStore(rows);
  const observationStore = await openObservationStore(rows);
  try {
    return {
      reports: await reportStore.view({ domains, from, to, now }),
      spans: await observationStore.history({
        domains,
        from: `${from}T00:00:00Z` as Instant,
        to: `${to}T23:59:59Z` as Instant,
      }),
    };
  } finally {
    await reportStore.close();
    await observationStore.close();
  }
}

/** What the month directly before says, by its newest statement. */
function figuresBefore(data: string, previous: Manifest['previous'], period: Month): MonthFigures | null {
  if (previous === null || previous.period !== monthBefore(period)) return null;
  return newestStatement(data, previous.period).figures as MonthFigures;
}

function previousOf(data: string, period: Month): Manifest['previous'] {
  const before = listFrozenMonths(data)
    .filter((month) => month < period)
    .at(-1);
  const text = before === undefined ? null : readManifestText(data, before);
  return before === undefined || text === null ? null : { period: before as Month, sha256: sha256Of(text) };
}
