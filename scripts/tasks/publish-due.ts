import type { Instant } from '../core/clock.ts';
import { isPublishDue } from '../core/publish/unfinished.ts';
import { loadCheckpoint } from './checkpoint.ts';

/** Whether a publish that was waiting should go on now. Throws `checkpoint-damaged` (exit 3). */
export function publishDue(data: string, now: Instant): boolean {
  return isPublishDue(loadCheckpoint(data), now);
}
