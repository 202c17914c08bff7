import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import type { CompactedMonth, CompactResult } from '../core/reports/compact-result.ts';
import { dailyFigures, FIGURE_COLUMNS, FIGURE_ORDER } from '../core/reports/daily-figures.ts';
import { monthDays } from '../core/reports/months.ts';
import { closedFrom, type MonthUpkeep, upkeepOf } from '../core/reports/upkeep.ts';
import { openReportUpkeep, type ReportUpkeep } from '../io/store/report-upkeep.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { recordTaskRun } from './checkpoint.ts';
import { countAhead } from './count-ahead.ts';
import { loadConfiguration } from './load-configuration.ts';
import { openObservationStore } from './open-observation-store.ts';

export interface CompactOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly progress: (text: string) => void;
}

/**
 * Keeps the store in order: one file for each closed month, its daily figures beside it, and nothing that the retention of
 * the settings no longer allows. Throws `configuration-invalid` (exit 2), `store-busy` (exit 3).
 */
export async function compact({ root, data, now, dryRun, progress }: CompactOptions): Promise<CompactResult> {
  const { settings } = await loadConfiguration(root);
  if (settings === null) {
    throw new PosternError('configuration-invalid', 'The settings cannot be used, so nothing is deleted.', {
      hint: 'npx postern check tells every problem of the configuration.',
      exit: 2,
    });
  }
  const { retention } = settings;
  const unlock = dryRun ? () => {} : lockStore(data);
  try {
    const format = { columns: FIGURE_COLUMNS, order: FIGURE_ORDER };
    const store = await openReportUpkeep(data, { readOnly: dryRun, format });
    const months: CompactedMonth[] = [];
    try {
      for (const due of upkeepOf(store.months, now, retention)) {
        progress(due.month);
        months.push(await compactMonth(store, due, dryRun));
      }
    } finally {
      store.close();
    }
    const observations = dryRun ? [] : await tidyObservations(data, now, retention.detail_days);
    if (!dryRun) {
      recordTaskRun(data, 'compact', now, true);
      await countAhead({ root, data, now });
    }
    return { months, observations, unreadable: store.unreadable };
  } finally {
    unlock();
  }
}

/** Figures first: rows go only when what is kept of them is stored. */
async function compactMonth(store: ReportUpkeep, due: MonthUpkeep, dryRun: boolean): Promise<CompactedMonth> {
  const { month, derive, merge, rows_from, figures_from } = due;
  const days = monthDays(month);
  const late_reports = await store.late(month, closedFrom(month));
  let rows_deleted = 0;
  if (!dryRun) {
    if (derive) await store.figures(month, (rows) => dailyFigures(rows, days), figures_from);
    else if (figures_from !== null) await store.figures(month, null, figures_from);
    if (merge || rows_from !== null) rows_deleted = await store.merge(month, rows_from);
  }
  return { month, late_reports, derived: derive, merged: merge, rows_from, figures_from, rows_deleted };
}

async function tidyObservations(data: string, now: Instant, detail_days: number): Promise<readonly string[]> {
  const store = await openObservationStore(data);
  try {
    return await store.tidy({ now, detail_days });
  } finally {
    await store.close();
  }
}
