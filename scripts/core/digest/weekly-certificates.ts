import type { Day, Instant } from '../clock.ts';
import { leftWords } from '../day-distance.ts';
import { longDay } from '../day-words.ts';
import { certificateStage, renewalWords } from '../incidents/certificate-escalation.ts';
import type { WeeklyFacts } from './weekly.ts';

const SOONEST = 15;

export interface WeeklyCertificate {
  readonly host: string;
  readonly domains: readonly string[];
  /** `4 December 2026`. */
  readonly not_after: string;
  readonly words: string;
  readonly urgent: boolean;
}

/** Each host once, soonest end first: the earliest end on any address that a probe saw last. */
export function weeklyCertificates(
  { standings, thresholds, now }: WeeklyFacts,
  domains: ReadonlySet<string>,
): readonly WeeklyCertificate[] {
  const hosts = new Map<string, { not_before: Instant; not_after: Instant; domains: Set<string> }>();
  for (const { kind, domain, subject, facts, at, last_look } of standings) {
    if ((kind !== 'mx' && kind !== 'policy') || domain === null || !domains.has(domain) || at !== last_look) continue;
    const { not_before, not_after } = (facts['certificate'] ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof not_before !== 'string' || typeof not_after !== 'string' || Number.isNaN(Date.parse(not_after)))
      continue;
    const known = hosts.get(subject) ?? {
      not_before: not_before as Instant,
      not_after: not_after as Instant,
      domains: new Set(),
    };
    known.domains.add(domain);
    if (Date.parse(not_after) < Date.parse(known.not_after)) {
      known.not_after = not_after as Instant;
      known.not_before = not_before as Instant;
    }
    hosts.set(subject, known);
  }
  return [...hosts]
    .sort(([a, one], [b, other]) => Date.parse(one.not_after) - Date.parse(other.not_after) || (a < b ? -1 : 1))
    .slice(0, SOONEST)
    .map(([host, { not_before, not_after, domains: named }]) => {
      const stage = certificateStage({ not_before, not_after }, thresholds, now);
      const words =
        stage === 'expired' ? 'expired' : (renewalWords({ not_before, not_after }, now) ?? leftWords(not_after, now));
      return {
        host,
        domains: [...named].sort(),
        not_after: longDay(not_after.slice(0, 10) as Day),
        words,
        urgent: stage !== 'none',
      };
    });
}
