import { PosternError } from '#scripts/core/failure.ts';
import { type Ledger, NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { forgetGathered, gathered } from '#site/reports/gathered.ts';
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

/** The data of all pages, made once. */
export function siteData(): Promise<SiteData> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SiteData> {
  const { sources, months } = await gathered();
  forgetGathered();
  // The pages ask as long as they are made: nothing else of the sources is held.
  const { ledgers, historyOf } = sources;
  const { settings } = sources.configuration;
  if (settings === null)
    throw new PosternError('configuration-invalid', 'The settings cannot be used.', {
      hint: 'run npx postern check',
      exit: 2,
    });
  return {
    site: siteFacts(settings, sources),
    redact: redaction(settings.site.redact),
    months,
    ledgerOf: (domain) => ledgers.get(domain) ?? NO_LEDGER,
    historyOf,
  };
}
