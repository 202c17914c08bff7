import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf, type Instant } from '../../core/clock.ts';
import { firstDay, lastDay, type Month, monthBefore, monthOf } from '../../core/month/period.ts';
import { dailyFigures, FIGURE_COLUMNS } from '../../core/reports/daily-figures.ts';
import { siteTables } from '../../core/reports/site-tables.ts';
import { type SiteTable, writeSiteTables } from '../../io/site/site-tables.ts';

/** This month and the twelve before it: whoever looks back a year finds it. */
const MONTHS = 13;

/** Writes `data/*.parquet` of the reports site, and `data/index.json`, which lists them for the explorer. */
export async function exportSiteTables(options: {
  readonly data: string;
  readonly site: string;
  readonly domains: readonly string[];
  readonly now: Instant;
  readonly redact: boolean;
}): Promise<readonly SiteTable[]> {
  const { data, site, domains, now, redact } = options;
  const folder = join(site, 'data');
  const tables = await writeSiteTables({
    dataDir: data,
    folder,
    domains: [...domains].sort(),
    months: monthsBack(now),
    figuresOf: (month, rows) => dailyFigures(rows, { from: firstDay(month as Month), to: lastDay(month as Month) }),
    figureColumns: Object.keys(FIGURE_COLUMNS),
    tablesOf: (figures) => siteTables(figures, { redact }),
  });
  writeFileSync(join(folder, 'index.json'), `${JSON.stringify({ at: now, redacted: redact, tables }, null, 1)}\n`);
  return tables;
}

function monthsBack(now: Instant): readonly Month[] {
  const months = [monthOf(dayOf(now))];
  while (months.length < MONTHS) months.unshift(monthBefore(months[0] as Month));
  return months;
}
