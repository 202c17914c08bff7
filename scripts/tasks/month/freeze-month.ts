import { join } from 'node:path';
import type { Instant } from '../../core/clock.ts';
import { auditorReadme } from '../../core/month/auditor-readme.ts';
import { certificateRecords } from '../../core/month/certificates.ts';
import type { ChangeFacts } from '../../core/month/changes.ts';
import { controlMapCsv } from '../../core/month/control-map.ts';
import type { MonthFigures } from '../../core/month/figures.ts';
import type { IncidentRecord } from '../../core/month/incident-records.ts';
import { monthLists } from '../../core/month/lists.ts';
import { type Manifest, manifestText } from '../../core/month/manifest.ts';
import { type Month, monthBefore } from '../../core/month/period.ts';
import { monthReportDocument } from '../../core/month/report-html.ts';
import { ledgerLines } from '../../core/policy/versions/ledger-lines.ts';
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
} from '../../io/evidence/month-folders.ts';
import { exportMonthRows } from '../../io/evidence/month-rows.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { readLedgerEvents } from '../ledger.ts';
import { deriveMonth } from './derive-month.ts';
import { monthPopulations } from './month-populations.ts';

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
    const derived = await monthPopulations(rows, { period, domains, known: now });
    const facts = { ...derived, looks, changes: changes.changes, incidents };
    const certificates = certificateRecords(derived.spans);
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
