import type { Ledger, PolicyVersion } from '../policy/versions/ledger.ts';
import { firstDay, type Month, nextMonth } from './period.ts';

/** The versions that were in service at some moment of the month: minted before its end, and not withdrawn before it. */
export function versionsDuring({ versions }: Pick<Ledger, 'versions'>, period: Month): readonly PolicyVersion[] {
  const [begin, end] = [`${firstDay(period)}T00:00:00Z`, `${firstDay(nextMonth(period))}T00:00:00Z`];
  return versions.filter((version, index) => {
    const replaced = versions[index + 1]?.announced_at ?? null;
    const until = earliest(version.withdrawn_at, replaced);
    return version.minted_at < end && (until === null || until >= begin);
  });
}

function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
