import { dayOf, epochMs, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Finding } from '../../finding.ts';
import { entryFor } from '../../findings/playbook.ts';
import type { Standing } from '../../probe/standing.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare } from '../reports-by-domain.ts';

/** What was seen within this time is still known, whatever the last look missed. */
const KNOWN_MS = 24 * 3_600_000;
/** Listed in the evidence. */
const LISTED = 20;
/** What lies beyond the limits of a look was seen by nobody, however sound the rest is. */
const BEYOND_LIMITS = /^not-all-/;
/** Undecided by nature, or about the vantage itself. */
const NOT_ASKED = new Set(['vantage', 'caa']);

/**
 * `coverage-gap`: what nobody could see, and nobody has seen for a day. The only thing that an unknown observation can
 * become: never an alert about the domain.
 */
export function coverageGaps(
  config: DomainConfig,
  standings: readonly Standing[],
  now: Instant,
  explained: (standing: Standing) => boolean,
): readonly Finding[] {
  const blind = standings.filter(
    (standing) =>
      standing.outcome === 'unknown' &&
      standing.at === standing.last_look &&
      !NOT_ASKED.has(standing.kind) &&
      !explained(standing) &&
      !isKnown(standing, standings),
  );
  if (blind.length === 0) return [];
  const rule = 'coverage-gap';
  const entry = entryFor(rule);
  const { domain } = config;
  const subject = { kind: 'domain' as const, name: domain, mx: null, reporter: null, result_type: null };
  // Several vantages that miss the same are one check that nobody made.
  const checks = new Set(blind.map(({ kind, subject: name, address }) => `${kind} ${name} ${address}`)).size;
  const codes = [...new Set(blind.map(({ code }) => code))].sort(compare);
  const since = blind.map(({ since: first }) => dayOf(first)).sort(compare)[0] ?? dayOf(now);
  const last =
    blind
      .map(({ at }) => dayOf(at))
      .sort(compare)
      .at(-1) ?? since;
  return [
    {
      rule,
      domain,
      domains: [domain],
      subject: { ...subject, policy_type: null },
      severity: 'sev3',
      state: 'open',
      since,
      last_seen: last,
      detected_at: now,
      actor: 'you',
      summary: `${entry.title}: ${checks} of the checks of ${domain}, and nobody has seen that within a day (${codes.slice(0, 3).join(', ').slice(0, 200)}).`,
      evidence: blind.slice(0, LISTED).map(({ vantage, kind, subject: name, address, code, at }) => ({
        kind: 'observation' as const,
        at,
        text: `${vantage.slice(0, 60)} could not see ${kind} ${name.slice(0, 255)}${address === null ? '' : ` [${address}]`}: ${code}.`,
        ref: null,
      })),
      action: entry.recommend,
      fingerprint: fingerprint(rule, domain, subject),
      // A vantage that is blind is blind for everybody.
      incident: `coverage:${codes.map(encodeURIComponent).join(',').slice(0, 200)}`,
    },
  ];
}

function isKnown(blind: Standing, standings: readonly Standing[]): boolean {
  if (BEYOND_LIMITS.test(blind.code)) return false;
  return standings.some(
    (other) =>
      other.outcome !== 'unknown' &&
      other.kind === blind.kind &&
      other.subject === blind.subject &&
      (other.address === blind.address || blind.address === null) &&
      epochMs(blind.at) - epochMs(other.at) < KNOWN_MS,
  );
}
