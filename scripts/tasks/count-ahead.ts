import { addDays, dayOf, type Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { keepCounted } from '../io/store/counted-files.ts';
import { isMuchStored } from '../io/store/much-stored.ts';
import { domainsAsked } from './domains-asked.ts';
import { loadConfiguration } from './load-configuration.ts';
import { openReportStore } from './open-report-store.ts';
import { WINDOW_DAYS } from './review/window-days.ts';

/**
 * Keeps what a review counts beside the rows, where that takes seconds: what of it is there already stays, all other is
 * removed. Also of tomorrow, whose first reviews come before its first reports. The caller holds the lock of the store.
 */
export async function countAhead(options: {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
}): Promise<void> {
  const { root, data, now } = options;
  if (!isMuchStored(data)) {
    keepCounted(data, new Set());
    return;
  }
  const domains = await managedDomains(root);
  if (domains.length === 0) return;
  const store = await openReportStore(data);
  try {
    const tomorrow = `${addDays(dayOf(now), 1)}${now.slice(10)}` as Instant;
    await store.keep([now, tomorrow].map((at) => ({ domains, from: addDays(dayOf(at), 1 - WINDOW_DAYS), now: at })));
  } finally {
    await store.close();
  }
}

/** None where the configuration cannot be used: whoever needs it says so. */
async function managedDomains(root: string) {
  try {
    return domainsAsked(await loadConfiguration(root), []).map(({ domain }) => domain);
  } catch (error) {
    if (error instanceof PosternError) return [];
    throw error;
  }
}
