import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf, type Instant } from '../../core/clock.ts';
import { firstDay, lastDay, type Month, monthBefore, monthOf } from '../../core/month/period.ts';
import { COUNTED_COLUMNS, monthCounts } from '../../core/reports/month-counts.ts';
import { siteTables } from '../../core/reports/site-tables.ts';
import { writeSiteTables } from '../../io/site/site-tables.ts';

/** This month and the twelve before it: whoever looks back a year finds it. */
const MONTHS = 13;

/** Writes what becomes `data/` of the reports site: `*.parquet`, `index.json`, which lists them for the explorer, and `domains.json`. */
export async function exportSiteTables(options: {
  readonly data: string;
  readonly folder: string;
  readonly domains: readonly string[];
  readonly now: Instant;
  readonly redact: boolean;
}): Promise<void> {
  const { data, folder, domains, now, redact } = options;
  const tables = await writeSiteTables({
    dataDir: data,
    folder,
    domains: [...domains].sort(),
    months: monthsBack(now),
    figureColumns: COUNTED_COLUMNS,
    tablesOf: (month, parts) => {
      const counts = monthCounts({ ...parts, days: { from: firstDay(month as Month), to: lastDay(month as Month) } });
      return counts === null ? null : { first: counts.tables, tables: siteTables(counts, { redact }) };
    },
  });
  writeFileSync(join(folder, 'domains.json'), `${JSON.stringify([...domains].sort())}\n`);
  writeFileSync(join(folder, 'index.json'), `${JSON.stringify({ at: now, redacted: redact, tables }, null, 1)}\n`);
}

function monthsBack(now: Instant): readonly Month[] {
  const months = [monthOf(dayOf(now))];
  while (months.length < MONTHS) months.unshift(monthBefore(months[0] as Month));
  return months;
}
