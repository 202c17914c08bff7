import type { Instant } from '../../core/clock.ts';
import type { DerivedFacts } from '../../core/month/lists.ts';
import { firstDay, lastDay, type Month } from '../../core/month/period.ts';
import { versionsDuring } from '../../core/month/versions.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { readLedger } from '../ledger.ts';
import { openObservationStore } from '../open-observation-store.ts';
import { openReportStore } from '../open-report-store.ts';

/** Whole populations of a month from the rows in a folder: those of a month being frozen, or those inside an evidence bundle. */
export async function monthPopulations(
  rows: string,
  {
    period,
    domains,
    known,
  }: { readonly period: Month; readonly domains: readonly DomainName[]; readonly known: Instant },
): Promise<DerivedFacts> {
  const [from, to] = [firstDay(period), lastDay(period)];
  const versions = domains.flatMap((domain) =>
    versionsDuring(readLedger(rows, domain), period).map((one) => [domain as string, one] as const),
  );
  const reportStore = await openReportStore(rows, { fromRows: true });
  const observationStore = await openObservationStore(rows);
  try {
    return {
      period,
      domains,
      versions,
      reports: await reportStore.view({ domains, from, to, now: known }),
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
