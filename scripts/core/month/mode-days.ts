import type { Mode } from '../../standards/mta-sts-policy.ts';
import type { Day, Instant } from '../clock.ts';
import type { Ledger } from '../policy/versions/ledger.ts';

/**
 * The mode that senders could learn of at the end of a day: that of the version announced last, unless it was withdrawn by
 * then. Null where the ledger says nothing: that is not known, not `none`.
 */
export function modeOn({ versions }: Pick<Ledger, 'versions'>, day: Day): Mode | null {
  const end = `${day}T23:59:59Z` as Instant;
  let mode: Mode | null = null;
  let since = '';
  for (const version of versions) {
    const { announced_at: announced, withdrawn_at: withdrawn } = version;
    if (announced === null || announced > end || announced < since) continue;
    if (withdrawn !== null && withdrawn <= end) continue;
    since = announced;
    mode = version.mode;
  }
  return mode;
}
