import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { plainVolumes } from '../core/reports/piece-of-view.ts';
import { dayOf, instantOf, storeRows } from '../io/store/stored-rows.ts';

export const OURS = ['example.com', 'example.net'] as DomainName[];
const QUERY = { from: dayOf('2026-10-01'), now: instantOf('2026-11-21T06:00:00Z') };

/** Stores rows and keeps what was counted of the store beside them, from the first row on. Returns what was damaged there. */
export async function storeCounted(data: string, rows: readonly ReportRow[]): Promise<readonly string[]> {
  await storeRows(data, rows);
  return keepCountedOf(data);
}

export async function keepCountedOf(data: string, domains: readonly DomainName[] = OURS): Promise<readonly string[]> {
  const store = await openReportStore(data, { keptFrom: 1 });
  try {
    await store.keep([{ ...QUERY, domains }]);
    return store.recounted;
  } finally {
    await store.close();
  }
}

/** What the store says, and the files of it that were damaged. */
export async function viewOf(
  data: string,
  { fromRows = false, domains = OURS }: { readonly fromRows?: boolean; readonly domains?: readonly string[] } = {},
) {
  const store = await openReportStore(data, { keptFrom: 1, fromRows });
  try {
    const view = await store.view({ ...QUERY, domains: domains as DomainName[] });
    return { ...view, daily: [...view.daily], reporters: plainVolumes(view.reporters), recounted: store.recounted };
  } finally {
    await store.close();
  }
}

/** The files that hold what was counted, with their bytes. */
export function countedIn(data: string): readonly (readonly [string, string])[] {
  const files = globSync('counted/*/*', { cwd: data }).sort();
  return files.map((file) => [file, readFileSync(join(data, file)).toString('base64')]);
}
