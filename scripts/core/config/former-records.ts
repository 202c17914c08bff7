import type { DomainName } from '../../standards/domain-name.ts';
import { parseMtaStsPolicy } from '../../standards/mta-sts-policy.ts';
import { parseMtaStsRecords } from '../../standards/mta-sts-record.ts';
import type { MxPattern } from '../../standards/mx-pattern.ts';
import { parseTlsRptRecords } from '../../standards/tls-rpt-record.ts';
import { delegatedNames } from '../dns/our-names.ts';
import { plainText } from '../plain-text.ts';
import type { LiveFacts, LiveRecords, Seen } from '../policy/live-facts.ts';
import { adoptedEvents } from '../policy/versions/adopt.ts';
import { NO_LEDGER } from '../policy/versions/ledger.ts';
import type { Settings } from './types.ts';

/** What stands in DNS and on the policy host before Postern has touched a domain, and what a first file makes of it. */

/** A sound policy with a sound record: what senders hold. Half of one is told and not taken. */
export function formerPolicy(live: LiveFacts): { mode: string; mx: readonly MxPattern[]; max_age: number } | null {
  const [minted] = adoptedEvents(NO_LEDGER, live);
  if (minted?.event !== 'minted') return null;
  const parsed = parseMtaStsPolicy(new TextEncoder().encode(minted.body));
  return parsed.ok ? parsed.value : null;
}

/** Whoever gets reports today goes on getting them. */
export function formerReports(live: LiveFacts, settings: Settings, warnings: string[]): readonly string[] | null {
  const ours = settings.reporting.rua;
  const record = live.tls_rpt.known ? parseTlsRptRecords(live.tls_rpt.value.values) : null;
  const theirs = record?.ok === true ? record.value.rua : [];
  const others = theirs.filter((uri) => !ours.includes(uri));
  if (others.length > 0) warnings.push('Reports go somewhere already: those addresses are kept beside ours.');
  if (ours.length + theirs.length === 0)
    warnings.push('Nobody gets reports: write reporting.rua in domains/_settings.yaml.');
  // RFC 8460 sets no limit, the schema of ours ten.
  return others.length === 0 ? null : [...ours, ...others].slice(0, 10);
}

/** Records that no sender can use, or that somebody else keeps: told, for publishing will have to put them right. */
export function formerFaults(live: LiveFacts, warnings: string[]): void {
  unusable('_mta-sts', live.mta_sts, parseMtaStsRecords, warnings);
  unusable('_smtp._tls', live.tls_rpt, parseTlsRptRecords, warnings);
}

function unusable(
  name: string,
  records: Seen<LiveRecords>,
  parse: (
    values: readonly string[],
  ) => { readonly ok: true } | { readonly ok: false; readonly faults: readonly Fault[] },
  warnings: string[],
): void {
  if (!records.known || records.value.values.length === 0) return;
  const parsed = parse(records.value.values);
  const fault = parsed.ok ? undefined : parsed.faults.find(({ code }) => code !== 'record-absent');
  if (fault !== undefined) warnings.push(`${name} is of no use to senders as it stands: ${fault.message}`);
}

interface Fault {
  readonly code: string;
  readonly message: string;
}

/** `cname` when the customer has pointed at least one of the names into our zone already. */
export function formerDelegation(
  domain: DomainName,
  live: LiveFacts,
  { delegation_zone }: Settings,
  warnings: string[],
): 'records' | 'cname' {
  const twins = delegation_zone === null ? [] : Object.values(delegatedNames(domain, delegation_zone));
  let found: 'records' | 'cname' = 'records';
  for (const [name, records] of [
    ['_mta-sts', live.mta_sts],
    ['_smtp._tls', live.tls_rpt],
    ['mta-sts', live.policy_host],
  ] as const) {
    const [target] = records.known ? records.value.aliases : [];
    if (target === undefined) continue;
    if (twins.includes(target)) found = 'cname';
    else if (name !== 'mta-sts')
      warnings.push(`${name} is an alias of ${plainText(target, 255)}: who keeps it must be told, or the alias goes.`);
  }
  if (found === 'cname') warnings.push('The CNAMEs into our zone stand already: `delegation: cname` is set.');
  return found;
}
