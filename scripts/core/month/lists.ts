import type { Day, Instant } from '../clock.ts';
import { daysFrom } from '../clock.ts';
import type { PolicyVersion } from '../policy/versions/ledger.ts';
import type { ObservationSpan } from '../probe/observation-span.ts';
import type { ReportsView } from '../reports/view.ts';
import { certificateRecords, certificatesCsv } from './certificates.ts';
import type { Change } from './changes.ts';
import { type Cell, csvText } from './csv.ts';
import type { IncidentRecord } from './incident-records.ts';
import { firstDay, lastDay, type Month } from './period.ts';

/**
 * Whole populations, so that whoever samples them can pick for themselves. Every list has a stable order, and a day that
 * nobody reported on is a row with empty cells: it is not known, and not a day without failures.
 */
export interface ListFacts {
  readonly period: Month;
  readonly domains: readonly string[];
  readonly reports: Pick<ReportsView, 'daily' | 'failing' | 'reporters'>;
  readonly versions: readonly (readonly [domain: string, version: PolicyVersion])[];
  readonly spans: readonly ObservationSpan[];
  readonly looks: readonly LookDay[];
  readonly changes: readonly Change[];
  /** Null: nothing keeps incidents here, so whether there were any is not known. */
  readonly incidents: readonly IncidentRecord[] | null;
}

/** Looks of one vantage on one day. */
export interface LookDay {
  readonly day: string;
  readonly vantage: string;
  readonly looks: number;
  readonly rows: number;
  readonly unknown: number;
}

/** Hours of a day: an hourly probe looks as often. */
const LOOKS_EXPECTED = 24;

/** What follows from the rows and the ledgers in the bundle alone: `verify` makes these lists again. */
export type DerivedFacts = Pick<ListFacts, 'period' | 'domains' | 'reports' | 'versions' | 'spans'>;

export function derivedLists(facts: DerivedFacts): Readonly<Record<string, string>> {
  return {
    'lists/days.csv': daysCsv(facts),
    'lists/failures.csv': failuresCsv(facts.reports.failing),
    'lists/reporters.csv': reportersCsv(facts),
    'lists/versions.csv': versionsCsv(facts),
    'lists/checks.csv': checksCsv(facts.spans),
    'lists/certificates.csv': certificatesCsv(certificateRecords(facts.spans)),
  };
}

/** `lists/*.csv` by path. */
export function monthLists(facts: ListFacts): Readonly<Record<string, string>> {
  return {
    ...derivedLists(facts),
    'lists/completeness.csv': completenessCsv(facts),
    'lists/changes.csv': changesCsv(facts.changes),
    'lists/incidents.csv': incidentsCsv(facts.incidents ?? []),
  };
}

function daysCsv({ period, domains, reports }: DerivedFacts): string {
  const byDomainDay = Map.groupBy(reports.daily, ({ domain, day }) => `${domain} ${day}`);
  const rows: Cell[][] = [];
  for (const domain of domains) {
    for (const day of daysOf(period)) {
      const known = byDomainDay.get(`${domain} ${day}`) ?? [];
      if (known.length === 0) rows.push([domain, day, null, null, null, null, null]);
      for (const one of known) {
        const { policy_type, successful, failed, unknown_entries, reporters } = one;
        rows.push([domain, day, policy_type, successful, failed, unknown_entries, reporters]);
      }
    }
  }
  const columns = [
    'domain',
    'day',
    'policy_type',
    'successful_sessions',
    'failed_sessions',
    'entries_without_counts',
    'reporters',
  ];
  return csvText(columns, rows);
}

function failuresCsv(failing: ReportsView['failing']): string {
  const columns = ['domain', 'day', 'policy_type', 'reporter', 'result_type', 'mx', 'sessions', 'report_sha256'];
  return csvText(
    columns,
    failing.flatMap(({ domain, day, policy_type, reporter, details, report_sha256 }) =>
      details.map(({ result_type, mx, sessions }): readonly Cell[] => [
        domain,
        day,
        policy_type,
        reporter,
        result_type,
        mx,
        sessions,
        report_sha256.join(' '),
      ]),
    ),
  );
}

function reportersCsv({ period, reports }: DerivedFacts): string {
  const all = daysOf(period).length;
  const columns = ['domain', 'reporter', 'organization_name', 'days_with_report', 'days_of_month', 'last_received_at'];
  return csvText(
    columns,
    reports.reporters.map(({ domain, reporter, organization_name, days, last_received_at }) => [
      domain,
      reporter,
      organization_name,
      days.length,
      all,
      last_received_at,
    ]),
  );
}

function versionsCsv({ versions }: DerivedFacts): string {
  const columns = [
    'domain',
    'id',
    'body_sha256',
    'mode',
    'max_age_seconds',
    'mx',
    'triggers',
    'minted_at',
    'first_served_at',
    'last_served_at',
    'announced_at',
    'withdrawn_at',
    'commit',
    'pull_request',
  ];
  return csvText(
    columns,
    versions.map(([domain, version]) => [
      domain,
      version.id,
      version.sha256,
      version.mode,
      version.max_age,
      version.mx.join(' '),
      version.triggers.join(' '),
      version.minted_at,
      version.first_served_at,
      version.last_served_at,
      version.announced_at,
      version.withdrawn_at,
      version.commit,
      version.pull_request,
    ]),
  );
}

function checksCsv(spans: readonly ObservationSpan[]): string {
  const columns = [
    'domain',
    'kind',
    'subject',
    'address',
    'vantage',
    'outcome',
    'code',
    'first',
    'last',
    'looks',
    'facts',
  ];
  return csvText(
    columns,
    spans.map(({ domain, kind, subject, address, vantage, outcome, code, first, at, looks, facts }) => [
      domain,
      kind,
      subject,
      address,
      vantage,
      outcome,
      code,
      first,
      at,
      looks,
      JSON.stringify(facts),
    ]),
  );
}

/** What was expected and what there is, day by day: a gap in our own watch is evidence, too. */
function completenessCsv({ period, domains, reports, looks }: ListFacts): string {
  const vantages = [...new Set(looks.map(({ vantage }) => vantage))].sort();
  const lookOf = new Map(looks.map((look) => [`${look.vantage} ${look.day}`, look]));
  const reported = Map.groupBy(reports.daily, ({ day }) => day);
  const columns = ['day', 'source', 'expected', 'actual', 'unknown', 'meaning'];
  const rows: Cell[][] = [];
  for (const day of daysOf(period)) {
    const heard = new Set((reported.get(day) ?? []).map(({ domain }) => domain)).size;
    rows.push([day, 'reports', domains.length, heard, null, 'domains with at least one counted report']);
    for (const vantage of vantages) {
      const look = lookOf.get(`${vantage} ${day}`);
      const [actual, unknown] = [look?.looks ?? 0, look?.unknown ?? 0];
      rows.push([day, `probe from ${vantage}`, LOOKS_EXPECTED, actual, unknown, 'runs of the probe; unknown rows']);
    }
  }
  return csvText(columns, rows);
}

function changesCsv(changes: readonly Change[]): string {
  const columns = [
    'commit',
    'at',
    'author',
    'subject',
    'files',
    'pull_request',
    'approved_by',
    'checks',
    'approval_by_another_person',
  ];
  return csvText(
    columns,
    changes.map(({ commit, at, author, subject, files, pull_request }) => [
      commit,
      at,
      author,
      subject,
      files.join(' '),
      pull_request?.number ?? null,
      pull_request?.approved_by.join(' ') ?? null,
      pull_request?.checks ?? null,
      pull_request === null
        ? 'not known'
        : pull_request.approved_by.some((who) => who !== pull_request.author)
          ? 'yes'
          : 'no',
    ]),
  );
}

function incidentsCsv(incidents: readonly IncidentRecord[]): string {
  const columns = [
    'issue',
    'fingerprint',
    'rule',
    'domains',
    'severity',
    'summary',
    'detected_at',
    'acknowledged_at',
    'notified_at',
    'recovered_at',
    'closed_at',
    'respond_by',
    'notify_by',
    'resolve_by',
    'responded_in_time',
    'resolved_in_time',
  ];
  return csvText(
    columns,
    incidents.map((one) => [
      one.issue,
      one.fingerprint,
      one.rule,
      one.domains.join(' '),
      one.severity,
      one.summary,
      one.detected_at,
      one.acknowledged_at,
      one.notified_at,
      one.recovered_at,
      one.closed_at,
      one.respond_by,
      one.notify_by,
      one.resolve_by,
      inTime(one.respond_by, one.acknowledged_at ?? one.recovered_at),
      inTime(one.resolve_by, one.recovered_at),
    ]),
  );
}

/** `yes`, `no`, `open`, or `no target`. */
export function inTime(by: Instant | null, done: Instant | null): string {
  if (by === null) return 'no target';
  if (done === null) return 'open';
  return done <= by ? 'yes' : 'no';
}

function daysOf(period: Month): readonly Day[] {
  return daysFrom(firstDay(period), lastDay(period));
}
