import { ACTOR_WORDS } from '../analysis/finding-text.ts';
import type { Finding } from '../finding.ts';
import { mondayOf, sundayOf } from './week.ts';
import type { WeeklyFacts } from './weekly.ts';

const TOP_FAILURES = 10;

export interface WeeklyFailure {
  readonly domain: string;
  readonly result_type: string;
  readonly policy_type: string;
  readonly mx: string | null;
  readonly reporters: readonly string[];
  readonly sessions: number;
  readonly who: string;
}

/** Categories overlap (RFC 8460 §4), so these need not add up to the failed sessions. */
export function weeklyFailures(
  facts: WeeklyFacts,
  domains: ReadonlySet<string>,
  findings: readonly Finding[],
): readonly WeeklyFailure[] {
  const [from, to] = [mondayOf(facts.week), sundayOf(facts.week)];
  const found = new Map<
    string,
    { failure: Omit<WeeklyFailure, 'who' | 'reporters' | 'sessions'>; sessions: number; by: Map<string, number> }
  >();
  for (const row of facts.reports.failing) {
    if (!domains.has(row.domain) || row.day < from || row.day > to) continue;
    for (const { result_type, mx, sessions } of row.details) {
      const key = JSON.stringify([row.domain, row.policy_type, result_type, mx]);
      const { domain, policy_type } = row;
      const known = found.get(key) ?? { failure: { domain, policy_type, result_type, mx }, sessions: 0, by: new Map() };
      known.sessions += sessions;
      known.by.set(row.reporter, (known.by.get(row.reporter) ?? 0) + sessions);
      found.set(key, known);
    }
  }
  return [...found.values()]
    .sort((a, b) => b.sessions - a.sessions || (JSON.stringify(a.failure) < JSON.stringify(b.failure) ? -1 : 1))
    .slice(0, TOP_FAILURES)
    .map(({ failure, sessions, by }) => {
      const reporters = [...by].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
      return { ...failure, sessions, reporters, who: whoOf(failure, findings) };
    });
}

function whoOf(
  { domain, result_type, mx }: Omit<WeeklyFailure, 'who' | 'reporters' | 'sessions'>,
  findings: readonly Finding[],
): string {
  const fits = findings.filter(
    (finding) =>
      finding.domains.some((one) => one === domain) &&
      (finding.subject.result_type === result_type || finding.rule === result_type),
  );
  const best = fits.find(({ subject }) => subject.mx === mx) ?? fits[0];
  if (best === undefined) return 'below the threshold of a finding';
  return best.state === 'filtered' ? 'a known sender issue' : ACTOR_WORDS[best.actor];
}
