import type { Alerts, Incident } from '../../core/incidents/incident.ts';
import type { People, TrackedIssue } from '../../core/incidents/tracked-issue.ts';
import type { IssueTracker } from './issue-tracker.ts';

/** Above this many open issues, people are read only where GitHub says that something happened. */
const ALWAYS_READ = 100;
/** So many numbers after the highest known one are looked at, until this many in a row are not there. */
const AHEAD = 30;
const MISSES = 3;
/** Closed incidents whose issue may still matter: those that can be opened again. */
const RECENT_DAYS = 20;

export interface ReadIssues {
  readonly issues: readonly TrackedIssue[];
  /** Recorded numbers that no longer exist. */
  readonly gone: ReadonlySet<number>;
  readonly people: ReadonlyMap<number, People>;
}

/**
 * Every issue as it is: the list of GitHub may be minutes old, so what disagrees with what we know (not listed, another
 * state, older than our last write) is asked for by its number, which is never stale.
 */
export async function readIssues(tracker: IssueTracker, alerts: Alerts, now: string): Promise<ReadIssues> {
  const issues = new Map((await tracker.list()).map((issue) => [issue.number, issue]));
  const gone = new Set<number>();
  const relevant = Object.values(alerts.incidents).filter((incident) => mayMatter(incident, now));
  for (const { number, state, updated_at } of relevant) {
    if (number === null) continue;
    const listed = issues.get(number);
    if (listed !== undefined && listed.state === state && !isOlder(listed.updated_at, updated_at)) continue;
    const current = await tracker.get(number);
    if (current === null) {
      gone.add(number);
      issues.delete(number);
    } else issues.set(number, current);
  }
  const people = await readPeople(tracker, relevant, issues);
  return { issues: [...issues.values()], gone, people };
}

/** Issues made so lately that no list shows them yet: found by number, because numbers go up by one. */
export async function readAhead(
  tracker: IssueTracker,
  known: readonly TrackedIssue[],
): Promise<readonly TrackedIssue[]> {
  const highest = known.reduce((most, { number }) => Math.max(most, number), 0);
  const found: TrackedIssue[] = [];
  for (let number = highest + 1, misses = 0; number <= highest + AHEAD && misses < MISSES; number++) {
    const issue = await tracker.get(number);
    if (issue === null) misses += 1;
    else {
      misses = 0;
      found.push(issue);
    }
  }
  return found;
}

async function readPeople(
  tracker: IssueTracker,
  incidents: readonly Incident[],
  issues: ReadonlyMap<number, TrackedIssue>,
): Promise<ReadonlyMap<number, People>> {
  const people = new Map<number, People>();
  const heard = incidents.filter(
    ({ number, state, closed }) =>
      number !== null &&
      issues.has(number) &&
      (state === 'open' || (closed?.by === 'person' && closed.recovered_at === null)),
  );
  for (const { number, updated_at } of heard) {
    if (number === null) continue;
    if (heard.length > ALWAYS_READ && issues.get(number)?.updated_at === updated_at) continue;
    people.set(number, await tracker.people(number));
  }
  return people;
}

function mayMatter({ state, closed }: Incident, now: string): boolean {
  if (state !== 'closed' || closed === null) return true;
  if (closed.by === 'person' && closed.recovered_at === null) return true;
  return Date.parse(now) - Date.parse(closed.recovered_at ?? closed.at) <= RECENT_DAYS * 86_400_000;
}

function isOlder(listed: string, known: string | null): boolean {
  return known !== null && Date.parse(listed) < Date.parse(known);
}
