import { dayOf } from '../../clock.ts';
import type { Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import { placeholders } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare } from '../reports-by-domain.ts';
import { severityMode } from '../severity.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** `id-reused`: the ledger itself holds two texts under one id. */
export function reusedIds({ config, ledger, now }: ProbeFacts): readonly Finding[] {
  if (ledger.reused.length === 0) return [];
  const rule = 'id-reused';
  const entry = entryFor(rule);
  const severity = entry.severity[severityMode(config, ledger)];
  if (severity === null) return [];
  const subject = { kind: 'domain' as const, name: config.domain, mx: null, reporter: null, result_type: null };
  const minted = ledger.versions
    .filter(({ id }) => ledger.reused.includes(id))
    .map(({ minted_at }) => dayOf(minted_at));
  const since = minted.sort(compare)[0] ?? dayOf(now);
  return [
    {
      rule,
      domain: config.domain,
      domains: [config.domain],
      subject: { ...subject, policy_type: null },
      severity,
      state: 'open',
      since,
      last_seen: dayOf(now),
      detected_at: now,
      actor: 'you',
      summary: `${entry.title}: ${ledger.reused.join(', ')}.`,
      evidence: [{ kind: 'ledger', at: since, text: `data/policies/${config.domain}.jsonl`, ref: null }],
      action: fillPlaceholders(entry.recommend, placeholders(config, subject, 'the probe')),
      fingerprint: fingerprint(rule, config.domain, subject),
      incident: `dns:${config.domain}`,
    },
  ];
}
