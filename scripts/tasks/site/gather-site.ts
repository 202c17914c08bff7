import { readFileSync } from 'node:fs';
import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import { type Alerts, alertsOf } from '../../core/incidents/incident.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import type { ObservationSpan } from '../../core/probe/observation-span.ts';
import { headCommit } from '../../io/git/repository.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { loadCheckpoint } from '../checkpoint.ts';
import { readLedger } from '../ledger.ts';
import { openObservationStore } from '../open-observation-store.ts';
import { type Gathered, gather, WINDOW_DAYS } from '../review/gather.ts';

/** Everything the pages are made of, months aside. */
export interface SiteSources extends Gathered {
  readonly version: string;
  /** Of the configuration; null outside a git repository. */
  readonly commit: string | null;
  /** When each task last ended well; null: never. */
  readonly tasks: Readonly<Record<string, Instant | null>>;
  /** Null: no task keeps incidents here, so whether there were any is not known. */
  readonly alerts: Alerts | null;
  readonly ledgerOf: (domain: DomainName) => Ledger;
  /** What probes saw in the window, folded where it did not change. */
  readonly historyOf: (domain: DomainName) => Promise<readonly ObservationSpan[]>;
}

/** Domains whose history is read at once: one look through the files serves them all, and memory stays bounded. */
const BATCH = 1000;

/** What `gather` gives, and what stands beside it: ledgers, checkpoint, and histories when a page asks. */
export async function gatherSite(options: {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
}): Promise<SiteSources> {
  const { root, data, now } = options;
  const gathered = await gather(options);
  const { tasks, sections } = loadCheckpoint(data);
  return {
    ...gathered,
    version: VERSION,
    commit: await headCommit(root),
    tasks: Object.fromEntries(Object.entries(tasks).map(([name, { last_success }]) => [name, last_success])),
    alerts: tasks['alert'] === undefined && sections['alerts'] === undefined ? null : alertsOf(sections['alerts']),
    ledgerOf: (domain) => readLedger(data, domain),
    historyOf: histories(
      data,
      now,
      gathered.configuration.domains.map(({ domain }) => domain),
    ),
  };
}

const { version: VERSION }: { version: string } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
);

/** Pages ask domain by domain in some order of their own: the batch asked for last is kept. */
function histories(data: string, now: Instant, domains: readonly DomainName[]): SiteSources['historyOf'] {
  const batchOf = new Map(domains.map((domain, index) => [domain, Math.floor(index / BATCH)]));
  const batches = new Map<number, Promise<ReadonlyMap<string, readonly ObservationSpan[]>>>();
  const read = async (batch: number) => {
    const store = await openObservationStore(data);
    try {
      const from = `${addDays(dayOf(now), 1 - WINDOW_DAYS)}T00:00:00Z` as Instant;
      const asked = domains.slice(batch * BATCH, (batch + 1) * BATCH);
      const spans = await store.history({ domains: asked, from, to: now });
      return Map.groupBy(spans, ({ domain }) => domain ?? '');
    } finally {
      await store.close();
    }
  };
  return async (domain) => {
    const batch = batchOf.get(domain);
    if (batch === undefined) return [];
    let found = batches.get(batch);
    if (found === undefined) {
      if (batches.size > 1) batches.clear();
      found = read(batch);
      batches.set(batch, found);
    }
    return (await found).get(domain) ?? [];
  };
}
