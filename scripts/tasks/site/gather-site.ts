import { readFileSync } from 'node:fs';
import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import { type Alerts, alertsOf } from '../../core/incidents/incident.ts';
import type { ObservationSpan } from '../../core/probe/observation-span.ts';
import { isInShard, type Shard } from '../../core/shard.ts';
import { collectGarbage } from '../../io/collect-garbage.ts';
import { headCommit } from '../../io/git/repository.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { loadCheckpoint } from '../checkpoint.ts';
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
  /** What probes saw in the window, folded where it did not change. */
  readonly historyOf: (domain: DomainName) => Promise<readonly ObservationSpan[]>;
}

/** Domains whose history is read at once: one look through the files serves them all, and memory stays bounded. */
const BATCH = 2500;

/** What `gather` gives, and what stands beside it: the checkpoint, and histories when a page asks. */
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
  collectGarbage();
  const { tasks, sections } = loadCheckpoint(data);
  return {
    ...gathered,
    version: VERSION,
    commit: await headCommit(root),
    tasks: Object.fromEntries(Object.entries(tasks).map(([name, { last_success }]) => [name, last_success])),
    alerts: tasks['alert'] === undefined && sections['alerts'] === undefined ? null : alertsOf(sections['alerts']),
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
 * Pages ask domain by domain, by name: soon after the beginning of a batch the next one is read, and what a page has got is let go.
 * A history that is asked for again later is read again, with its batch.
 */
function histories(data: string, now: Instant, domains: readonly DomainName[]): SiteSources['historyOf'] {
  const names = [...domains].sort();
  const placeOf = new Map(names.map((domain, place) => [domain, place]));
  const last = Math.ceil(names.length / BATCH) - 1;
  const from = `${addDays(dayOf(now), 1 - WINDOW_DAYS)}T00:00:00Z` as Instant;
  const kept = new Map<number, Promise<Map<string, readonly ObservationSpan[]>>>();
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
    const found = Map.groupBy(spans, ({ domain }) => domain ?? '');
    return new Map(asked.map((domain) => [domain as string, found.get(domain) ?? []]));
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
  // Whether it fails is said to the page that asks for it.
  const ahead = (batch: number) => {
    if (batch <= last) batchNumber(batch).catch(() => undefined);
  };
  // The first one is read while the bundler runs.
  ahead(0);
  return async (domain) => {
    const place = placeOf.get(domain);
    if (place === undefined) return [];
    const batch = Math.floor(place / BATCH);
    if (place % BATCH >= BATCH / 8) ahead(batch + 1);
    let found = await batchNumber(batch);
    if (!found.has(domain)) {
      kept.delete(batch);
      found = await batchNumber(batch);
    }
    const spans = found.get(domain) ?? [];
    found.delete(domain);
    return spans;
  };
}
