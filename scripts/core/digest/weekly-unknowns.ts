import { newestCompleteDay } from '../analysis/complete-days.ts';
import { number } from '../analysis/finding-text.ts';
import { type Day, daysFrom } from '../clock.ts';
import { nearDay } from '../day-words.ts';
import type { Review } from '../review.ts';
import { mondayOf, sundayOf } from './week.ts';
import type { WeeklyFacts } from './weekly.ts';

/** At most so many domains are named in one sentence. */
const NAMED = 10;

/** What the figures do not say: silence is not health. `unlisted`: open findings beyond those in the mail. */
export function unknowns(facts: WeeklyFacts, mine: Review['domains'], unlisted: number): readonly string[] {
  const { reports, week, standings, now } = facts;
  const names = new Set<string>(mine.map(({ domain }) => domain));
  const [from, to] = [mondayOf(week), sundayOf(week)];
  const said: string[] = [];
  const complete = newestCompleteDay(now);
  if (to > complete)
    said.push(`Reports for days after ${nearDay(complete, now)} may still arrive; the figures of these days can grow.`);
  const seen = new Map<string, Set<Day>>();
  for (const { domain, day, successful, failed } of reports.daily)
    if (names.has(domain) && day >= from && day <= to && successful + failed > 0)
      seen.set(domain, (seen.get(domain) ?? new Set()).add(day));
  const silent = mine.filter(({ domain }) => !seen.has(domain)).map(({ domain }) => domain);
  if (silent.length > 0)
    said.push(`No report with a session this week, so nothing is known from senders: ${named(silent)}.`);
  const gaps = mine.filter(({ domain }) => {
    const days = seen.get(domain);
    return days !== undefined && daysFrom(from, to).some((day) => day <= complete && !days.has(day));
  });
  if (gaps.length > 0)
    said.push(`Days without data are unknown, not good: ${named(gaps.map(({ domain }) => domain))} had such days.`);
  if (standings.length === 0) said.push('Certificates, DNS and policy hosts are not known: no probe has run.');
  else {
    const blind = new Set(
      standings
        .filter(
          ({ outcome, domain, at, last_look }) =>
            outcome === 'unknown' && at === last_look && domain !== null && names.has(domain),
        )
        .map(({ domain }) => domain as string),
    );
    if (blind.size > 0) said.push(`A probe could not see everything of ${named([...blind].sort())}.`);
  }
  const unsaid = [...reports.daily].filter(
    ({ domain, day, unknown_entries }) => names.has(domain) && day >= from && day <= to && unknown_entries > 0,
  );
  if (unsaid.length > 0) said.push('Some reports leave out how many sessions succeeded; those are in no share.');
  const apart = reports.apart.filter(
    ({ domain, reason }) => reason === 'unauthenticated' && domain !== null && names.has(domain),
  );
  const unsigned = apart.reduce((sum, one) => sum + one.reports, 0);
  if (unsigned > 0)
    said.push(
      `Without a valid signature, so stored and not counted: ${number(unsigned)} ${unsigned === 1 ? 'report' : 'reports'}.`,
    );
  if (unlisted > 0) said.push(`${number(unlisted)} more findings are open than this mail lists.`);
  said.push('Reports come from senders that send them, mostly large ones: figures speak of their sessions only.');
  return said;
}

function named(domains: readonly string[]): string {
  const more = domains.length - NAMED;
  return `${domains.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
}
