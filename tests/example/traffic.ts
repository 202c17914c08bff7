import { type Day, daysBetween } from '#scripts/core/clock.ts';
import { type ExampleDomain, FIRST_DAY, LAST_DAY } from './domains.ts';
import { seededRandom } from './random.ts';
import type { Reporter } from './reporters.ts';

/** Sunday first, as `getUTCDay` counts. The weekend's own share comes from the reporter. */
const WEEKDAY = [1, 1.04, 1.05, 1.02, 1, 0.93, 1];

/** Sessions of one reporter with one domain on one UTC day; 0 = no contact, hence no report. */
export function sessionsOn(reporter: Reporter, { domain, weekday, trend }: ExampleDomain, day: Day): number {
  const usual = weekday.get(reporter) ?? 0;
  const dayOfWeek = new Date(`${day}T00:00:00Z`).getUTCDay();
  const weekend = dayOfWeek === 0 || dayOfWeek === 6 ? reporter.weekend : 1;
  const progress = daysBetween(FIRST_DAY, day) / daysBetween(FIRST_DAY, LAST_DAY);
  const noise = 0.92 + 0.16 * seededRandom('sessions', reporter.domain, domain, day)();
  return Math.round(usual * weekend * (WEEKDAY[dayOfWeek] ?? 1) * (1 + (trend - 1) * progress) * noise);
}
