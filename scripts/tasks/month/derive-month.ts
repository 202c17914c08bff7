import type { Instant } from '../../core/clock.ts';
import { type MonthFigures, monthFigures } from '../../core/month/figures.ts';
import { modeOn } from '../../core/month/mode-days.ts';
import { firstDay, lastDay, type Month } from '../../core/month/period.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { readLedger } from '../ledger.ts';
import { openReportStore } from '../open-report-store.ts';

/**
 * The headline figures of a month from a data folder: the one the task runs in, or the one inside an evidence bundle. The
 * same rows known at `known` always give the same figures. `unreadable`: stored files that are damaged and so left out.
 */
export async function deriveMonth(
  dataDir: string,
  options: { readonly period: Month; readonly domains: readonly DomainName[]; readonly known: Instant },
): Promise<{ readonly figures: MonthFigures; readonly unreadable: number }> {
  const { period, domains, known } = options;
  const store = await openReportStore(dataDir, { fromRows: true });
  try {
    const [from, to] = [firstDay(period), lastDay(period)];
    const reports = await store.view({ domains, from, to, now: known });
    const ledgers = new Map(domains.map((domain) => [domain as string, readLedger(dataDir, domain)]));
    const figures = monthFigures({
      period,
      domains,
      reports,
      modeOn: (domain, day) => modeOn(ledgers.get(domain) ?? { versions: [] }, day),
    });
    return { figures, unreadable: store.unreadable.length };
  } finally {
    await store.close();
  }
}
