import { addDays, dayOf, type Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import type { Finding } from '../finding.ts';
import { fillPlaceholders } from '../findings/placeholders.ts';
import { entryFor } from '../findings/playbook.ts';
import { unprotectedNames } from '../policy/plan/unprotected.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import type { ReportedSubdomain } from '../reports/view.ts';
import { number, placeholders } from './finding-text.ts';
import { fingerprint } from './fingerprint.ts';
import { severityMode } from './severity.ts';

/** A name that nobody reported for so long receives nothing any more. */
const QUIET_DAYS = 30;
/** One stray report is no proof that a name receives mail. */
const LEAST_REPORTS = 2;
/** Names told of one domain; reports can name any number. */
const NAMED = 10;

export interface UnprotectedFacts {
  readonly domains: readonly DomainConfig[];
  /** Every name with a file, also those that are not under review. */
  readonly managed: ReadonlySet<string>;
  readonly subdomains: readonly ReportedSubdomain[];
  readonly ledgerOf: (domain: string) => Ledger;
  readonly now: Instant;
}

/** `subdomain-unprotected` (S33): mail goes to a name below ours that has no policy of its own, because none is inherited. */
export function unprotectedSubdomains(facts: UnprotectedFacts): readonly Finding[] {
  const { domains, managed, subdomains, now } = facts;
  const oldest = addDays(dayOf(now), -QUIET_DAYS);
  const receiving = new Map(
    subdomains
      .filter((one) => !one.has_policy && one.reports >= LEAST_REPORTS && one.sessions > 0 && one.last_day >= oldest)
      .map((one) => [one.name, one]),
  );
  const told = new Map<string, number>();
  return unprotectedNames(managed, [...receiving.keys()]).flatMap((name) => {
    const config = nearest(domains, name);
    const seen = receiving.get(name);
    if (config === undefined || seen === undefined) return [];
    const count = told.get(config.domain) ?? 0;
    told.set(config.domain, count + 1);
    return count < NAMED ? [finding(config, seen, facts)] : [];
  });
}

/** The managed domain that the name lies below; the longest one, when several do. */
function nearest(domains: readonly DomainConfig[], name: string): DomainConfig | undefined {
  return domains
    .filter(({ domain }) => name.endsWith(`.${domain}`))
    .sort((a, b) => b.domain.length - a.domain.length)[0];
}

function finding(config: DomainConfig, seen: ReportedSubdomain, { ledgerOf, now }: UnprotectedFacts): Finding {
  const rule = 'subdomain-unprotected';
  const entry = entryFor(rule);
  const subject = { kind: 'domain' as const, name: seen.name, mx: null, reporter: null, result_type: null };
  const counted = `${number(seen.reports)} reports tell of ${number(seen.sessions)} sessions`;
  return {
    rule,
    domain: config.domain,
    domains: [config.domain],
    subject: { ...subject, policy_type: null },
    severity: entry.severity[severityMode(config, ledgerOf(config.domain))] ?? 'sev3',
    state: 'open',
    since: seen.first_day,
    last_seen: seen.last_day,
    detected_at: now,
    actor: 'you',
    summary: `${seen.name} receives mail and is not protected: it lies below ${config.domain} and has no policy of its own; ${counted}.`,
    evidence: [
      { kind: 'report', at: seen.last_day, text: `${seen.name}: ${counted}, none under a policy.`, ref: null },
    ],
    action: `${fillPlaceholders(entry.recommend, placeholders(config, subject, 'the reporters'))} The name: ${seen.name}.`,
    fingerprint: fingerprint(rule, config.domain, subject),
    incident: null,
  };
}
