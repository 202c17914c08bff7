import { type Day, dayOf, type Instant, parseInstant } from '#scripts/core/clock.ts';
import type { DomainMonth, MonthFigures, SessionTotals } from '#scripts/core/month/figures.ts';
import type { Manifest } from '#scripts/core/month/manifest.ts';
import { firstDay, lastDay, type Month } from '#scripts/core/month/period.ts';
import type { CsvRow } from '#scripts/core/month/read-csv.ts';
import type { Restatement } from '#scripts/core/month/restatement.ts';
import { POLICY_TYPE_ORDER, policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { Redaction } from './redaction.ts';
import { count, instantText, list, longDay, number, sentence, successShare, withDays } from './words.ts';

/** What a task read from `data/months/<period>`. */
export interface MonthSource {
  readonly manifest: Manifest;
  readonly figures: MonthFigures;
  readonly lists: Readonly<
    Record<'versions' | 'incidents' | 'changes' | 'certificates' | 'completeness', readonly CsvRow[] | null>
  >;
  readonly restatements: readonly Restatement[];
}

interface SessionRow {
  readonly policy_type: string;
  readonly sessions: string;
  readonly failed: string;
  readonly anyFailed: boolean;
  readonly share: string | null;
}

export interface MonthRow {
  readonly period: string;
  readonly name: string;
  readonly frozen: string;
  readonly domains: string;
  readonly sessions: readonly SessionRow[];
  readonly restated: number;
}

export interface MonthPage extends MonthRow {
  readonly truth: string;
  readonly rows: readonly {
    readonly domain: string;
    readonly name: string;
    readonly sessions: readonly SessionRow[];
    readonly days: string;
    readonly modes: string;
  }[];
  readonly moreRows: number;
  readonly failures: readonly {
    readonly result_type: string;
    readonly policy_type: string;
    readonly sessions: string;
    readonly domains: string;
  }[];
  readonly incidents: Table | null;
  readonly versions: Table | null;
  readonly changes: Table | null;
  readonly certificates: string | null;
  readonly reportDays: string | null;
  readonly restatements: readonly {
    readonly at: string;
    readonly differences: readonly { readonly path: string; readonly stated: string; readonly derived: string }[];
    readonly more: number;
  }[];
  readonly manifest: { readonly previous: string | null; readonly files: string };
}

/** A list of the month as the page shows it: its first rows, and how many more there are. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly more: number;
}

/** A text, or one that leads to the page that tells of it today. */
type Cell = string | { readonly text: string; readonly path: string };

/** What pages of today tell of: a closed month leads there, and says the same when it is gone. */
export interface Today {
  /** The anchor of an incident by its number. */
  readonly incidentOf: (issue: string) => string | null;
  readonly hasDomain: (domain: string) => boolean;
}

const SHOWN = { domains: 150, list: 60, failures: 40, differences: 30 } as const;

export function monthRow({ manifest, figures, restatements }: MonthSource): MonthRow {
  const { period } = manifest;
  return {
    period,
    name: monthName(period),
    frozen: longDay(dayOf(manifest.frozen_at)),
    domains: number(figures.domains.length),
    sessions: sessionRows(figures.sessions),
    restated: restatements.length,
  };
}

/** The page of a closed month: a function of its frozen files alone, so that it says the same whenever it is built. */
export function monthPage(month: MonthSource, redact: Redaction, today: Today): MonthPage {
  const { figures, lists, restatements, manifest } = month;
  const domains = figures.domains.toSorted((a, b) => failedOf(b) - failedOf(a));
  const text = (value: string | undefined) => redact.text(value ?? '', 300);
  return {
    ...monthRow(month),
    truth: truth(figures, lists.incidents),
    rows: domains.slice(0, SHOWN.domains).map((one) => ({
      domain: one.domain,
      name: displayDomainName(one.domain as DomainName),
      sessions: sessionRows(one.sessions),
      days: number(one.days_with_data),
      modes: modesText(one.mode_days),
    })),
    moreRows: Math.max(0, domains.length - SHOWN.domains),
    failures: failuresOf(figures),
    incidents: table(
      lists.incidents,
      ['Incident', 'Severity', 'Detected', 'Acknowledged', 'Recovered', 'Response', 'Resolution'],
      (row) => [
        incidentCell(row, text(withDays(row['summary'] ?? '', manifest.frozen_at)), today),
        text(row['severity']),
        momentOf(row['detected_at']),
        momentOf(row['acknowledged_at'], 'not yet'),
        momentOf(row['recovered_at'], 'open'),
        inTime(text(row['responded_in_time'])),
        inTime(text(row['resolved_in_time'])),
      ],
    ),
    versions: table(lists.versions, ['Domain', 'Version', 'Mode', 'Announced', 'Withdrawn', 'Why'], (row) => [
      text(row['domain']),
      today.hasDomain(row['domain'] ?? '')
        ? { text: text(row['id']), path: `domains/${row['domain']}/#policy` }
        : text(row['id']),
      text(row['mode']),
      momentOf(row['announced_at'], 'not seen'),
      momentOf(row['withdrawn_at'], 'no'),
      list(
        text(row['triggers'])
          .split(' ')
          .filter((one) => one !== ''),
      ),
    ]),
    // Who wrote and who approved is for whoever has the bundle.
    changes: table(
      lists.changes,
      ['Commit', 'At', 'What', 'Pull request', 'Approved by another person', ...(redact.on ? [] : ['Author'])],
      (row) => [
        text(row['commit']?.slice(0, 12)),
        momentOf(row['at']),
        text(row['subject']),
        row['pull_request'] === '' ? 'none known' : `#${text(row['pull_request'])}`,
        text(row['approval_by_another_person']),
        ...(redact.on ? [] : [text(row['author'])]),
      ],
    ),
    certificates:
      lists.certificates === null ? null : `${count(lists.certificates.length, 'certificate')} seen at an address.`,
    reportDays: lists.completeness === null ? null : completeness(lists.completeness),
    restatements: restatements.map(({ restated_at, differences }) => ({
      at: instantText(restated_at),
      differences: differences.slice(0, SHOWN.differences).map(({ path, stated, derived }) => ({
        path: redact.text(path, 200),
        stated: redact.text(stated, 120),
        derived: redact.text(derived, 120),
      })),
      more: Math.max(0, differences.length - SHOWN.differences),
    })),
    manifest: { previous: manifest.previous?.period ?? null, files: count(manifest.files.length, 'file') },
  };
}

function truth(figures: MonthFigures, incidents: readonly CsvRow[] | null): string {
  const leading = POLICY_TYPE_ORDER.map((type) =>
    figures.sessions.find(({ policy_type }) => policy_type === type),
  ).find((one) => one !== undefined);
  const told =
    leading === undefined
      ? 'No report of the month counts a session.'
      : `Reports count ${count(leading.successful + leading.failed, 'session')} under ${leading.policy_type}; ${leading.failed === 0 ? 'none failed' : `${successShare(leading.successful, leading.failed)} succeeded`}.`;
  const opened =
    incidents === null
      ? ''
      : ` ${incidents.length === 0 ? 'No incident is on record.' : `${sentence(count(incidents.length, 'incident is', 'incidents are'))} on record.`}`;
  return `${count(figures.domains.length, 'domain')}. ${told}${opened}`;
}

function failuresOf({ domains }: MonthFigures): MonthPage['failures'] {
  const found = new Map<string, { result_type: string; policy_type: string; sessions: number; domains: number }>();
  for (const { failures } of domains)
    for (const { result_type, policy_type, sessions } of failures) {
      const one = found.get(`${policy_type} ${result_type}`) ?? { result_type, policy_type, sessions: 0, domains: 0 };
      one.sessions += sessions;
      one.domains += 1;
      found.set(`${policy_type} ${result_type}`, one);
    }
  return [...found.values()]
    .sort((a, b) => b.sessions - a.sessions || (a.result_type < b.result_type ? -1 : 1))
    .slice(0, SHOWN.failures)
    .map((one) => ({ ...one, sessions: number(one.sessions), domains: number(one.domains) }));
}

function completeness(rows: readonly CsvRow[]): string {
  const reports = rows.filter(({ source }) => source === 'reports');
  const silent = reports.filter(({ actual }) => actual === '0').length;
  return silent === 0
    ? `Every one of the ${reports.length} days has a counted report.`
    : `${sentence(count(silent, 'day'))} of ${reports.length} without any counted report: what senders saw is not known.`;
}

/** A closed month tells them by name; the pages have one order for all. */
function sessionRows(totals: readonly SessionTotals[]): readonly SessionRow[] {
  return policyTypesOf(totals).flatMap((type) =>
    totals.filter(({ policy_type }) => policy_type === type).map(sessionRow),
  );
}

function sessionRow({ policy_type, successful, failed }: SessionTotals): SessionRow {
  return {
    policy_type,
    sessions: number(successful + failed),
    failed: number(failed),
    anyFailed: failed > 0,
    share: successShare(successful, failed),
  };
}

function modesText(days: DomainMonth['mode_days']): string {
  const parts = (['enforce', 'testing', 'none'] as const).flatMap((mode) =>
    days[mode] > 0 ? [`${mode} ${days[mode]}`] : [],
  );
  return [...parts, ...(days.unknown > 0 ? [`not known ${days.unknown}`] : [])].join(', ');
}

function failedOf({ sessions }: DomainMonth): number {
  return sessions.reduce((all, { failed }) => all + failed, 0);
}

function table(
  list: readonly CsvRow[] | null,
  columns: readonly string[],
  cells: (row: CsvRow) => readonly Cell[],
): Table | null {
  if (list === null) return null;
  return { columns, rows: list.slice(0, SHOWN.list).map(cells), more: Math.max(0, list.length - SHOWN.list) };
}

function incidentCell({ issue = '' }: CsvRow, summary: string, today: Today): Cell {
  const text = `${issue === '' ? '' : `#${issue} `}${summary}`;
  const anchor = today.incidentOf(issue);
  return anchor === null ? text : { text, path: `incidents/#${anchor}` };
}

function momentOf(text: string | undefined, none = ''): string {
  const at = parseInstant(text ?? '');
  return at === null ? none : instantText(at as Instant);
}

function inTime(written: string): string {
  return { yes: 'in time', no: 'late' }[written] ?? written;
}

/** The days of a month, `2026-10`, as the explorer asks for them. */
export function monthDays(period: string): { readonly from: Day; readonly to: Day } {
  return { from: firstDay(period as Month), to: lastDay(period as Month) };
}

/** `October 2026`. */
function monthName(period: string): string {
  return longDay(`${period}-01` as Day).slice(2);
}
