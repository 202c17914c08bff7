import type { Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import { placeholders } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare } from '../reports-by-domain.ts';
import { severityMode } from '../severity.ts';
import { EXPIRING } from './expiring-certificates.ts';
import { isBackupHost } from './fault-severity.ts';
import type { MxHost } from './fault-standing.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** `mx-backup-only`: a backup host has a fault and no primary has any. In the incident of the fault itself. */
export function backupOnly(found: readonly Finding[], set: readonly MxHost[], facts: ProbeFacts): readonly Finding[] {
  const atMx = found.filter(
    ({ rule, subject }) =>
      subject.mx !== null && rule.startsWith('mx-') && !EXPIRING.test(rule) && rule !== 'mx-changed',
  );
  if (atMx.length === 0 || atMx.some(({ subject }) => subject.mx !== null && !isBackupHost(subject.mx, set))) return [];
  const entry = entryFor('mx-backup-only');
  const severity = entry.severity[severityMode(facts.config, facts.ledger)] ?? 'sev2';
  const hosts = Map.groupBy(atMx, ({ subject }) => subject.name);
  return [...hosts].map(([host, findings]): Finding => {
    const lead = findings.find(({ state }) => state === 'open') ?? (findings[0] as Finding);
    const rules = [...new Set(findings.map(({ rule }) => rule))].sort(compare);
    return {
      ...lead,
      rule: entry.rule,
      severity,
      summary: `${entry.title}: ${rules.join(', ')} on ${host} since ${lead.since}; no primary has it.`,
      action: fillPlaceholders(entry.recommend, placeholders(facts.config, lead.subject, 'the probe')),
      fingerprint: fingerprint(entry.rule, facts.config.domain, lead.subject),
    };
  });
}
