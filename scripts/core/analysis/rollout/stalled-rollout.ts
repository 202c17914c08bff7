import { dayOf, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import { inTestingSince, type Promotion } from '../../policy/rollout/promotion.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import { placeholders } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';

/** `rollout-stalled`: more than 30 days in testing and not on hold. Told to somebody, never forced (S13). */
export function stalledRollout(
  config: DomainConfig,
  ledger: Ledger,
  promotion: Promotion | null,
  now: Instant,
): readonly Finding[] {
  const since = inTestingSince(ledger);
  if (promotion === null || since === null || !promotion.stalled || promotion.allowed || config.rollout.hold) return [];
  const rule = 'rollout-stalled';
  const entry = entryFor(rule);
  const { domain } = config;
  const subject = { kind: 'domain' as const, name: domain, mx: null, reporter: null, result_type: null };
  const unmet = promotion.conditions.filter(({ state }) => state !== 'met');
  return [
    {
      rule,
      domain,
      domains: [domain],
      subject: { ...subject, policy_type: null },
      severity: 'sev3',
      state: 'open',
      since: dayOf(since),
      last_seen: dayOf(now),
      detected_at: now,
      actor: 'you',
      summary: `${entry.title}: ${domain} has been in testing since ${dayOf(since)}, and ${unmet.length} of ${promotion.conditions.length} conditions are not met.`,
      evidence: unmet.map(({ text }) => ({
        kind: 'ledger' as const,
        at: now,
        text,
        ref: ledger.in_force?.commit ?? null,
      })),
      action: fillPlaceholders(entry.recommend, placeholders(config, subject, 'the reporters')),
      fingerprint: fingerprint(rule, domain, subject),
      incident: null,
    },
  ];
}
