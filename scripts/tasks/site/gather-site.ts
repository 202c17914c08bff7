import { readFileSync } from 'node:fs';
import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import { type Alerts, alertsOf } from '../../core/incidents/incident.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import type { ObservationSpan } from '../../core/probe/observation-span.ts';
import { isInShard, type Shard } from '../../core/shard.ts';
import { headCommit } from '../../io/git/repository.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { loadCheckpoint } from '../checkpoint.ts';
import { readLedger } from '../ledger.ts';
import { type ObservationStore, openObservationStore } from '../open-observation-store.ts';
import { type Gathered, gather } from '../review/gather.ts';
import { WINDOW_DAYS } from '../review/window-days.ts';

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
  /** Histories are read of the domains of this part alone. */
  readonly shard: Shard;
}): Promise<SiteSources> {
  const { root, data, now, shard } = options;
  // The bundler and the tables of the explorer need memory at the same time.
  const gathered = await gather({ ...options, sparing: true });
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
      gathered.configuration.domains.map(({ domain }) => domain).filter((domain) => isInShard(domain, shard)),
    ),
  };
}

export const { version: VERSION }: { version: string } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
);

/**
 * Pages ask domain by domain, by name: one batch is used while the next one is read. A batch that is asked for again later
 * is read again.
 */
function histories(data: string, now: Instant, domains: readonly DomainName[]): SiteSources['historyOf'] {
  const names = [...domains].sort();
  const batchOf = new Map(names.map((domain, index) => [domain, Math.floor(index / BATCH)]));
  const last = Math.ceil(names.length / BATCH) - 1;
  const from = `${addDays(dayOf(now), 1 - WINDOW_DAYS)}T00:00:00Z` as Instant;
  const kept = new Map<number, Promise<ReadonlyMap<string, readonly ObservationSpan[]>>>();
  let turn: Promise<unknown> = Promise.resolve();
  let opened: Promise<ObservationStore> | null = null;

  const read = async (batch: number) => {
    opened ??= openObservationStore(data);
    const store = await opened;
    const asked = names.slice(batch * BATCH, (batch + 1) * BATCH);
    const spans = await store.history({ domains: asked, from, to: now });
    if (batch === last) {
      opened = null;
      await store.close();
    }
    return Map.groupBy(spans, ({ domain }) => domain ?? '');
  };
  const batchNumber = (batch: number) => {
    const known = kept.get(batch);
    if (known !== undefined) return known;
    const asked = turn.then(() => read(batch));
    turn = asked.catch(() => undefined);
    kept.set(batch, asked);
    const [oldest] = kept.keys();
    if (kept.size > 2 && oldest !== undefined) kept.delete(oldest);
    return asked;
  };
  return async (domain) => {
    const batch = batchOf.get(domain);
    if (batch === undefined) return [];
    const found = batchNumber(batch);
    // Whether it fails is said to the page that asks for it.
    if (batch < last) batchNumber(batch + 1).catch(() => undefined);
    return (await found).get(domain) ?? [];
  };
}
