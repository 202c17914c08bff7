import { number } from '../analysis/finding-text.ts';
import { shareText } from '../share-text.ts';

/** Sessions of one policy type in one week. `days`: those with data. */
export interface WeekCount {
  readonly successful: number;
  readonly failed: number;
  readonly days: number;
}

/** Fewer sessions than this in either week say nothing about a change. */
const ENOUGH = 100;
/** Three standard errors: in a fleet of hundreds of lines, one in a thousand weeks is still a false word now and then. */
const CLEAR = 3;

/** How the share of failed sessions compares with the week before, without claiming more than the numbers carry. */
export function comparedWithBefore(now: WeekCount, before: WeekCount): string {
  const [sessions, earlier] = [total(now), total(before)];
  if (sessions === 0)
    return earlier === 0 ? 'no sessions in either week' : 'no sessions this week, so nothing is known';
  if (earlier === 0) return 'no sessions in the week before to compare with';
  const was = `${shareText(before.failed, earlier)} failed in the week before`;
  if (now.failed === 0 && before.failed === 0) return `none failed in the week before either${volumeText(now, before)}`;
  if (sessions < ENOUGH || earlier < ENOUGH) return `${was}, of ${number(earlier)}; too few sessions to tell a change`;
  const volume = volumeText(now, before);
  const together = (now.failed + before.failed) / (sessions + earlier);
  const error = Math.sqrt(together * (1 - together) * (1 / sessions + 1 / earlier));
  const change = now.failed / sessions - before.failed / earlier;
  if (error === 0 || Math.abs(change) / error < CLEAR) return `${was}: no clear change${volume}`;
  return `${was}: ${change > 0 ? 'clearly more' : 'clearly fewer'} failures now${volume}`;
}

/** Weeks with a different number of days with data are not compared by volume. */
function volumeText(now: WeekCount, before: WeekCount): string {
  if (now.days !== before.days)
    return `; data on ${now.days} ${now.days === 1 ? 'day' : 'days'}, ${before.days} the week before`;
  const ratio = total(now) / total(before);
  if (ratio > 0.7 && ratio < 1.4) return '';
  return ratio >= 1.4
    ? `; ${ratio.toFixed(1)} times as many sessions as then`
    : `; ${Math.round(ratio * 100)} % as many sessions as then`;
}

export function total({ successful, failed }: WeekCount): number {
  return successful + failed;
}
