import type { Instant } from '../../core/clock.ts';
import type { Settings } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';
import type { Observation } from '../../core/probe/observation.ts';
import { type LostHostsQuestion, withLostHosts } from '../../core/publish/lost-hosts.ts';
import { lockStore } from '../../io/store/run-lock.ts';
import { recordTaskRun, updateCheckpoint } from '../checkpoint.ts';
import { openObservationStore } from '../open-observation-store.ts';

export interface StoreRequest {
  readonly data: string;
  readonly now: Instant;
  readonly settings: Settings;
  readonly observations: readonly Observation[];
  /** Of the policy hosts that were looked at from here. */
  readonly hosts?: Omit<LostHostsQuestion, 'now'>;
}

/** A look may have taken an hour: it is not thrown away because another run writes at that moment. */
const WAIT_MS = 60_000;
const STEP_MS = 250;

/** Stores what is new, tidies closed months, and writes down that the task ran. Throws `store-busy` (exit 3). */
export async function storeObservations({ data, now, settings, observations, hosts }: StoreRequest): Promise<number> {
  const release = await lockWhenFree(data);
  try {
    const store = await openObservationStore(data);
    try {
      const stored = await store.append(observations);
      await store.tidy({ now, detail_days: settings.retention.detail_days });
      const sawSomething = observations.some(({ domain, outcome }) => domain !== null && outcome !== 'unknown');
      if (hosts !== undefined) updateCheckpoint(data, (all) => withLostHosts(all, { ...hosts, now }));
      recordTaskRun(data, 'probe', now, sawSomething);
      return stored;
    } finally {
      await store.close();
    }
  } finally {
    release();
  }
}

async function lockWhenFree(data: string): Promise<() => void> {
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      return lockStore(data);
    } catch (error) {
      if (!(error instanceof PosternError) || error.code !== 'store-busy' || waited >= WAIT_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }
}
