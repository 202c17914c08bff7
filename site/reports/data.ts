import { join } from 'node:path';
import { instantOf, parseInstant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import type { Ledger } from '#scripts/core/policy/versions/ledger.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { readFrozenMonths } from '#scripts/tasks/month/frozen-months.ts';
import { gatherSite } from '#scripts/tasks/site/gather-site.ts';
import { type SiteFacts, siteFacts } from '../shared/view-models/domain-facts.ts';
import type { MonthSource } from '../shared/view-models/months.ts';
import { type Redaction, redaction } from '../shared/view-models/redaction.ts';

export interface SiteData {
  readonly site: SiteFacts;
  readonly redact: Redaction;
  /** Frozen months, newest first. */
  readonly months: readonly MonthSource[];
  readonly ledgerOf: (domain: DomainName) => Ledger;
  /** What probes saw in the 90 days, folded where it did not change. */
  readonly historyOf: (domain: DomainName) => Promise<readonly ObservationSpan[]>;
}

let loading: Promise<SiteData> | null = null;

/** The data of all pages, read once: the only place where the site opens the store. */
export function siteData(): Promise<SiteData> {
  loading ??= load();
  return loading;
}

/** The build task sets the variables; without it, the example of this checkout as of now. */
async function load(): Promise<SiteData> {
  const { POSTERN_ROOT: root = '.', POSTERN_DATA: data = join(root, 'data'), POSTERN_NOW: moment } = process.env;
  const now = moment === undefined ? instantOf(Date.now()) : parseInstant(moment);
  if (now === null)
    throw new PosternError('now-invalid', `POSTERN_NOW is ${moment}, which is not an RFC 3339 date-time.`, { exit: 2 });
  const gathered = await gatherSite({ root, data, now });
  const { settings } = gathered.configuration;
  if (settings === null)
    throw new PosternError('configuration-invalid', 'The settings cannot be used.', {
      hint: 'run npx postern check',
      exit: 2,
    });
  return {
    site: siteFacts(settings, gathered),
    redact: redaction(settings.site.redact),
    months: readFrozenMonths(data),
    ledgerOf: gathered.ledgerOf,
    historyOf: gathered.historyOf,
  };
}
