import { addDays, type Day, dayOf, type Instant } from '../clock.ts';

/**
 * The newest day on which a missing report means something, and on which no later one is likely to change the figures.
 *
 * A report covers one UTC day (RFC 8460 §4.1). It is sent after that day, with a random delay of some hours, and on
 * failure retried for a day (§5.5). So the report of day D comes between D+1 00:05 and about D+2 04:00: on day D+2 it is
 * there in all but the rarest cases, before that its absence is ordinary.
 */
export function newestCompleteDay(now: Instant): Day {
  return addDays(dayOf(now), -2);
}
