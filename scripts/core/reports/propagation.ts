import { type Mode, type MtaStsPolicy, policyStringShows } from '../../standards/mta-sts-policy.ts';
import type { MxPattern } from '../../standards/mx-pattern.ts';
import { type Day, type Instant, instantOf } from '../clock.ts';
import type { AppliedPolicy, ReporterRecord } from './view.ts';

/** What is needed of a published policy version; those of core/policy/ledger.ts fit. */
export interface PublishedVersion {
  readonly id: string;
  readonly mode: Mode;
  readonly mx: readonly string[];
  /** Seconds. */
  readonly max_age: number;
  readonly minted_at: Instant;
  /** Null: its id was never seen in the DNS. */
  readonly announced_at: Instant | null;
}

/** What one reporter's servers applied on the last day it showed a policy. */
export interface ReporterPropagation {
  readonly reporter: string;
  readonly organization_name: string | null;
  readonly day: Day;
  /** current: the version in force, or a newer one · older: some session still under an older one · other: none of ours */
  readonly state: 'current' | 'older' | 'other';
  /** Id of the oldest version it showed that day; null when it showed none of ours. */
  readonly version: string | null;
  /** Until when a cache may rightly hold that older version (RFC 8461 §5.1); null when it is not older, or not known. */
  readonly cached_until: Instant | null;
  /** That day began after it: the cache has outlived its max_age. */
  readonly overdue: boolean;
}

/**
 * Which reporters have seen the version in force, by what they reported last (RFC 8460 §4.4: a report carries no id, its
 * policy-string tells). `versions` in the order they were minted; reporters without a policy-string, such as those of a
 * fetch error, are left out: they say nothing. Reporters by name.
 */
export function propagationOf(
  reporters: readonly ReporterRecord[],
  versions: readonly PublishedVersion[],
  inForce: string | null,
): readonly ReporterPropagation[] {
  const current = versions.findIndex(({ id }) => id === inForce);
  const found: ReporterPropagation[] = [];
  for (const record of reporters) {
    const shown = shownLast(record);
    const [first] = shown;
    if (first === undefined) continue;
    const indexes = shown.map(({ policy_string }) => indexOfShown(policy_string, versions, current));
    const oldest = Math.min(...indexes);
    const known = indexes.every((index) => index >= 0);
    const older = current >= 0 && indexes.some((index) => index >= 0 && index < current);
    const version = indexes.filter((index) => index >= 0).sort((a, b) => a - b)[0];
    const cached_until = older && version !== undefined ? cachedUntil(versions, version) : null;
    found.push({
      reporter: record.reporter,
      organization_name: record.organization_name,
      day: first.last_day,
      state: older ? 'older' : known && current >= 0 && oldest >= current ? 'current' : 'other',
      version: version === undefined ? null : (versions[version]?.id ?? null),
      cached_until,
      overdue: cached_until !== null && `${first.last_day}T00:00:00Z` > cached_until,
    });
  }
  return found.sort((a, b) => (a.reporter < b.reporter ? -1 : 1));
}

/** The policies of the last day on which it showed any. */
function shownLast({ policies, policy_string, policy_string_day }: ReporterRecord): readonly AppliedPolicy[] {
  if (policies !== undefined && policies.length > 0) {
    const last = policies.reduce(
      (day, { last_day }) => (last_day > day ? last_day : day),
      policies[0]?.last_day as Day,
    );
    return policies.filter(({ last_day }) => last_day === last);
  }
  if (policy_string === null || policy_string_day === null) return [];
  return [{ policy_string, first_day: policy_string_day, last_day: policy_string_day, successful: 0, failed: 0 }];
}

/**
 * The version a policy-string shows, -1 for none. After a rollback several have the same body: then it is the one in force,
 * else the latest.
 */
function indexOfShown(policyString: readonly string[], versions: readonly PublishedVersion[], current: number): number {
  const shows = (version: PublishedVersion | undefined) =>
    version !== undefined && policyStringShows(policyString, policyOf(version));
  return shows(versions[current]) ? current : versions.findLastIndex(shows);
}

function policyOf({ mode, mx, max_age }: PublishedVersion): MtaStsPolicy {
  return { version: 'STSv1', mode, mx: mx as readonly MxPattern[], max_age, extensions: [] };
}

/** A cache may have fetched it until the next version was announced. */
function cachedUntil(versions: readonly PublishedVersion[], index: number): Instant | null {
  const version = versions[index];
  const next = versions.slice(index + 1).find(({ announced_at }) => announced_at !== null)?.announced_at ?? null;
  return version === undefined || next === null ? null : instantOf(Date.parse(next) + version.max_age * 1000);
}
