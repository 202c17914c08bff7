import { createHash } from 'node:crypto';
import type { Day } from '#scripts/core/clock.ts';
import { policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import { warningMeaning } from '#scripts/core/reports/warning-meaning.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { DomainFacts, SiteFacts } from './domain-facts.ts';
import { type FindingView, findingView } from './findings.ts';
import type { Redaction } from './redaction.ts';
import { nearDay, number, successShare } from './words.ts';

/** Everything one reporter says of all domains. */
export interface Sender {
  readonly reporter: string;
  /** The folder of its page: its name where that is a host name, else a hash of it. */
  readonly slug: string;
  readonly records: readonly { readonly facts: DomainFacts; readonly record: ReporterRecord }[];
}

/** Every reporter of the window, the one with most sessions first. */
export function sendersOf({ domains }: SiteFacts): readonly Sender[] {
  const found = new Map<string, { facts: DomainFacts; record: ReporterRecord }[]>();
  for (const facts of domains)
    for (const record of facts.reports.reporters) {
      const list = found.get(record.reporter);
      if (list === undefined) found.set(record.reporter, [{ facts, record }]);
      else list.push({ facts, record });
    }
  return [...found]
    .map(([reporter, records]) => ({ reporter, slug: slugOf(reporter), records }))
    .map((sender) => ({ sender, volume: sum(sender.records.map(({ record }) => volumeOf(record))) }))
    .sort((a, b) => b.volume - a.volume || (a.sender.reporter < b.sender.reporter ? -1 : 1))
    .map(({ sender }) => sender);
}

/** The name where it is that of a host, which stands in the tables of the explorer even when the site is redacted; else null. */
export function hostNameOf(reporter: string): string | null {
  return /^(?=.{1,100}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(reporter)
    ? reporter
    : null;
}

/** A reporter's name may be any text: only a host name becomes a folder. */
export function slugOf(reporter: string): string {
  return hostNameOf(reporter) ?? `sender-${createHash('sha256').update(reporter).digest('hex').slice(0, 16)}`;
}

export interface SenderRow {
  readonly slug: string;
  readonly name: string;
  readonly organization: string | null;
  readonly domains: string;
  readonly lastDay: string;
  readonly totals: readonly SenderTotal[];
}

export interface SenderTotal {
  readonly policy_type: string;
  readonly sessions: string;
  readonly failed: string;
  readonly anyFailed: boolean;
  readonly share: string | null;
}

/** One reporter as a row: sessions by policy type, never added. */
export function senderRow({ reporter, slug, records }: Sender, { now }: SiteFacts, redact: Redaction): SenderRow {
  const organization =
    records.find(({ record }) => record.organization_name !== null)?.record.organization_name ?? null;
  const lastDay = records
    .flatMap(({ record }) => record.days.at(-1) ?? [])
    .sort()
    .at(-1);
  const name = redact.text(reporter, 120);
  const told = organization === null ? null : redact.text(organization, 120);
  return {
    slug,
    name,
    organization: told === name ? null : told,
    domains: number(records.length),
    lastDay: lastDay === undefined ? 'none' : nearDay(lastDay as Day, now),
    totals: totalsOf(records.flatMap(({ record }) => record.totals)),
  };
}

interface SenderDomain {
  readonly domain: string;
  readonly name: string;
  readonly days: string;
  readonly lastDay: string;
  readonly totals: readonly SenderTotal[];
}

interface SenderWarning {
  readonly id: string;
  readonly meaning: string;
  readonly reports: string;
}

export interface SenderPage extends SenderRow {
  /** Those with most failed sessions first, then by sessions. */
  readonly rows: readonly SenderDomain[];
  readonly moreRows: number;
  readonly failures: readonly {
    readonly policy_type: string;
    readonly result_type: string;
    readonly sessions: string;
    readonly domains: string;
  }[];
  /** What had to be repaired in its reports or is in doubt there, the most frequent first. */
  readonly warnings: readonly SenderWarning[];
  /** Findings that are this sender's own, or that it alone has seen. */
  readonly findings: readonly FindingView[];
}

const SHOWN = 150;
const SHOWN_FINDINGS = 20;

export function senderPage(sender: Sender, site: SiteFacts, redact: Redaction): SenderPage {
  const sorted = sender.records.toSorted(
    (a, b) => failedOf(b.record) - failedOf(a.record) || volumeOf(b.record) - volumeOf(a.record),
  );
  const rows = sorted.slice(0, SHOWN).map(({ facts: { config }, record }): SenderDomain => {
    const last = record.days.at(-1);
    return {
      domain: config.domain,
      name: displayDomainName(config.domain),
      days: number(record.days.length),
      lastDay: last === undefined ? 'none' : nearDay(last, site.now),
      totals: totalsOf(record.totals),
    };
  });
  const findings = sender.records.flatMap(({ facts }) =>
    facts.findings
      .filter(({ subject }) => subject.reporter === sender.reporter)
      .map((one) => findingView(one, facts.reports, redact)),
  );
  return {
    ...senderRow(sender, site, redact),
    rows,
    moreRows: Math.max(0, sorted.length - SHOWN),
    failures: failuresOf(sender),
    warnings: warningsOf(sender, site),
    findings: findings.slice(0, SHOWN_FINDINGS),
  };
}

function warningsOf({ reporter }: Sender, { warnings }: SiteFacts): SenderPage['warnings'] {
  return warnings
    .filter((one) => one.reporter === reporter)
    .sort((a, b) => b.reports - a.reports)
    .map(({ warning, reports }) => ({ id: warning, meaning: warningMeaning(warning), reports: number(reports) }));
}

function failuresOf({ reporter, records }: Sender): SenderPage['failures'] {
  const found = new Map<string, { policy_type: string; result_type: string; sessions: number; domains: Set<string> }>();
  for (const { facts } of records)
    for (const row of facts.reports.failing) {
      if (row.reporter !== reporter) continue;
      for (const { result_type, sessions } of row.details) {
        const key = `${row.policy_type} ${result_type}`;
        const one = found.get(key) ?? { policy_type: row.policy_type, result_type, sessions: 0, domains: new Set() };
        one.sessions += sessions;
        one.domains.add(row.domain);
        found.set(key, one);
      }
    }
  return [...found.values()]
    .sort((a, b) => b.sessions - a.sessions || (a.result_type < b.result_type ? -1 : 1))
    .map(({ domains, sessions, ...one }) => ({ ...one, sessions: number(sessions), domains: number(domains.size) }));
}

function totalsOf(totals: ReporterRecord['totals']): readonly SenderTotal[] {
  return policyTypesOf(totals).map((policy_type) => {
    const same = totals.filter((one) => one.policy_type === policy_type);
    const [successful, failed] = [sum(same.map((one) => one.successful)), sum(same.map((one) => one.failed))];
    return {
      policy_type,
      sessions: number(successful + failed),
      failed: number(failed),
      anyFailed: failed > 0,
      share: successShare(successful, failed),
    };
  });
}

function failedOf({ totals }: ReporterRecord): number {
  return sum(totals.map(({ failed }) => failed));
}

/** The largest policy type: types overlap. */
function volumeOf({ totals }: ReporterRecord): number {
  return Math.max(0, ...totals.map(({ successful, failed }) => successful + failed));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
