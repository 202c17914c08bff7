import type { Checkpoint } from '../checkpoint.ts';
import { epochMs, type Instant } from '../clock.ts';

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
 * Should an unfinished publish go on now? A certificate comes within hours, so each hour in the first day; what waits for a
 * person may wait for weeks, so once a day later: a job is billed as a whole minute at least.
 */
export function isPublishDue(checkpoint: Checkpoint, now: Instant): boolean {
  const unfinished = unfinishedOf(checkpoint);
  if (unfinished === null) return false;
  const tried = checkpoint.tasks['publish']?.last_attempt;
  const pause = epochMs(now) - epochMs(unfinished.since) < 24 * HOUR ? 0.5 * HOUR : 20 * HOUR;
  return tried === undefined || epochMs(now) - epochMs(tried) >= pause;
}
