import { addDays, dayOf, type Instant } from '../../core/clock.ts';
import { PosternError } from '../../core/failure.ts';
import { domainsAsked } from '../domains-asked.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { openReportStore } from '../open-report-store.ts';
import { WINDOW_DAYS } from '../review/window-days.ts';

/** Counts what was just stored, so that the first review of it does not wait. */
export async function countAhead(options: {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
}): Promise<void> {
  const { root, data, now } = options;
  const from = addDays(dayOf(now), 1 - WINDOW_DAYS);
  const domains = await managedDomains(root);
  if (domains.length === 0) return;
  const store = await openReportStore(data);
  try {
    await store.count({ domains, from, now });
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
