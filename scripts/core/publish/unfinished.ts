import type { Checkpoint } from '../checkpoint.ts';
import { epochMs, type Instant } from '../clock.ts';
import { lostHostsOf } from './lost-hosts.ts';

/** What `data/checkpoint.json` keeps about publishing: the plan that is not at its end yet, and since when. */
export interface Unfinished {
  readonly plan: string;
  readonly since: Instant;
}

export function unfinishedOf({ sections }: Checkpoint): Unfinished | null {
  const kept = sections['publish'] as { readonly plan?: unknown; readonly since?: unknown } | undefined;
  if (typeof kept?.plan !== 'string') return null;
  return { plan: kept.plan, since: (typeof kept.since === 'string' ? kept.since : '1970-01-01T00:00:00Z') as Instant };
}

const HOUR = 3_600_000;

/**
 * Should publish run now, for what is unfinished or for a host that was lost? A certificate comes within an hour or a few, what
 * waits for a person may wait for weeks, and a job is billed as a whole minute at least: so after a third of the time that the
 * newest of them waits already, but once a day in any case.
 */
export function isPublishDue(checkpoint: Checkpoint, now: Instant): boolean {
  const unfinished = unfinishedOf(checkpoint);
  const begun = [...(unfinished === null ? [] : [unfinished.since]), ...lostHostsOf(checkpoint).values()].map(epochMs);
  if (begun.length === 0) return false;
  const tried = checkpoint.tasks['publish']?.last_attempt;
  const waited = epochMs(now) - Math.max(...begun);
  const pause = Math.min(Math.max(waited / 3, 0.5 * HOUR), 20 * HOUR);
  return tried === undefined || epochMs(now) - epochMs(tried) >= pause;
}
