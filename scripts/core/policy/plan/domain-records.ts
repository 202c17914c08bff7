import type { Instant } from '../../clock.ts';
import { dueTlsa, publishedTlsa } from '../../dane/managed-records.ts';
import { desiredRecords, HOST_TTL, MTA_STS_TTL, writesDns } from '../../dns/desired-records.ts';
import { ourNames, standingNames } from '../../dns/our-names.ts';
import { type DnsChange, type LiveSet, recordChanges, recordRemoval } from '../../dns/record-change.ts';
import { type LiveRecords, type Seen, seen, unseen } from '../live-facts.ts';
import { type RetirementStep, retirementStep } from '../rollout/retirement.ts';
import type { DomainFacts, PlanContext } from './domain-plan.ts';
import type { Judged } from './plan-refusals.ts';

/** The record sets of a domain that have to change, seen or, where nobody looked, because a version asks for it that is not announced yet. */
export function dnsChangesOf(
  facts: DomainFacts,
  judged: Judged,
  context: PlanContext,
  target: string | null,
): readonly DnsChange[] {
  const { config, problems, tlsa } = facts;
  if (problems.length > 0) return [];
  if (config === null) return removals(facts, judged, context);
  const { ledger, version } = judged;
  const id = version?.id ?? ledger.current?.id ?? null;
  const underway = version ?? (ledger.current?.announced_at === null ? ledger.current : null);
  const due = dueTlsa(tlsa, underway);
  const wanted = desiredRecords({ config, settings: context.settings, id, target, tlsa: due });
  const isFirst = ledger.in_force === null;
  return recordChanges(wanted, liveSet(facts), ({ name, type }) => {
    const isId = type === 'TXT' && name.startsWith('_mta-sts.');
    return underway !== null && (isFirst || isId);
  });
}

/** Where the removal of a domain without a file stands. */
export function removalStep({ live }: DomainFacts, { ledger }: Judged, now: Instant): RetirementStep {
  const host = live?.policy_host;
  const exists = host?.known === true ? host.value.values.length + host.value.aliases.length > 0 : null;
  return retirementStep({ ledger, now, txt_ttl: MTA_STS_TTL, host_name_exists: exists });
}

/** Only the one step that is due: what comes later would break what still points to it (rollout rules §2, G7). */
function removals(facts: DomainFacts, judged: Judged, { settings, now }: PlanContext): readonly DnsChange[] {
  const { domain, live, last } = facts;
  if (judged.state !== 'retiring' && judged.state !== 'removed') return [];
  const names = standingNames(domain, last?.delegation ?? 'records', settings.delegation_zone);
  const by = last !== null && writesDns(last, settings) ? 'us' : 'person';
  switch (removalStep(facts, judged, now).step) {
    case 'remove-txt': {
      const record = { name: names.mta_sts, type: 'TXT', ttl: MTA_STS_TTL, by, purpose: 'MTA-STS id' } as const;
      return recordRemoval(record, live === null ? unseen('nobody looked') : recordValues(live.mta_sts));
    }
    case 'remove-host-name': {
      const record = { name: names.policy_host, type: 'CNAME', ttl: HOST_TTL, by, purpose: 'policy host' } as const;
      return recordRemoval(
        record,
        live === null
          ? unseen('nobody looked')
          : aliasFrom(live.policy_host, ourNames(domain).policy_host, names.policy_host),
      );
    }
    default:
      return [];
  }
}

/** What was seen at each name. A name behind a CNAME that is not set yet was not seen. */
function liveSet({ domain, live, observations }: DomainFacts): LiveSet {
  const names = ourNames(domain);
  return (name, type) => {
    if (type === 'TLSA') {
      const records = publishedTlsa(name, observations ?? []);
      return records === null ? unseen('no probe has seen it') : seen(records);
    }
    if (live === null) return unseen('nobody looked');
    const [own, records] = name.startsWith(names.mta_sts)
      ? [names.mta_sts, live.mta_sts]
      : name.startsWith(names.tls_rpt)
        ? [names.tls_rpt, live.tls_rpt]
        : [names.policy_host, live.policy_host];
    if (!records.known) return records;
    const chain = [own, ...records.value.aliases];
    const place = chain.indexOf(name);
    if (place < 0) return unseen('the CNAME that leads there is not set yet');
    if (type === 'CNAME') return aliasOf(records, chain, place);
    return place === chain.length - 1 ? recordValues(records) : seen([]);
  };
}

/** Other TXT records at the name are not ours to compare or to remove. */
function recordValues(records: Seen<LiveRecords>): Seen<readonly string[]> {
  if (!records.known) return records;
  return seen(records.value.values.filter((text) => /^v=(?:STSv1|TLSRPTv1)/i.test(text)));
}

/** The CNAME at one place of a chain of names, where the addresses stand when there is none. */
function aliasOf(records: Seen<LiveRecords>, chain: readonly string[], place: number): Seen<readonly string[]> {
  if (!records.known) return records;
  const target = chain[place + 1] ?? records.value.aliases[place];
  return seen(target === undefined ? [] : [target]);
}

/** The CNAME at a name that the policy host's own name is, or leads to. */
function aliasFrom(records: Seen<LiveRecords>, own: string, name: string): Seen<readonly string[]> {
  if (!records.known) return records;
  const chain = [own, ...records.value.aliases];
  const place = chain.indexOf(name);
  return place < 0 ? unseen('the CNAME that leads there is gone') : aliasOf(records, chain, place);
}
