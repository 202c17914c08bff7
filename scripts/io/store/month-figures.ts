import type { DuckDBConnection } from '@duckdb/node-api';
import type { Day, Instant } from '../../core/clock.ts';
import type { MonthFigures } from '../../core/reports/months.ts';
import type { SessionStatements } from '../../core/reports/sessions.ts';
import type {
  DailySessions,
  FailingReporterDay,
  FailureCount,
  ReportedSubdomain,
  ReporterRecord,
  ReportsApart,
} from '../../core/reports/view.ts';
import { eachRow } from './duckdb.ts';

const DAYS_OF_MONTH = Array.from({ length: 31 }, (_, index) => index + 1);

/** Runs the statements of one month; `domains` by index, `calendar` by day of the month. */
export async function monthFigures(
  connection: DuckDBConnection,
  statements: SessionStatements,
  domains: readonly string[],
  calendar: readonly Day[],
): Promise<MonthFigures> {
  for (const table of statements.tables) await connection.run(table);
  const reporters = await texts(connection, statements.reporterNames);
  const organizations = await texts(connection, statements.organizationNames);
  const names: Names = {
    domain: (index) => domains[index as number] ?? '',
    day: (dayOfMonth) => calendar[(dayOfMonth as number) - 1] as Day,
    reporter: (digest) => reporters.get(digest as string) ?? '',
    organization: (digest) => organizations.get(digest as string) ?? null,
  };
  return {
    daily: await readDaily(connection, statements, names),
    failing: await readFailing(connection, statements, names),
    reporters: await readReporters(connection, statements, names),
    apart: await readApart(connection, statements, names),
    subdomains: await readSubdomains(connection, statements),
  };
}

/** What the numbers and digests of a result stand for. */
interface Names {
  readonly domain: (index: unknown) => string;
  /** One text for a day, however many rows have it. */
  readonly day: (dayOfMonth: unknown) => Day;
  readonly reporter: (digest: unknown) => string;
  readonly organization: (digest: unknown) => string | null;
}

async function texts(connection: DuckDBConnection, sql: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await eachRow(connection, sql, (cell) => found.set(cell(0) as string, cell(1) as string));
  return found;
}

async function readDaily(
  connection: DuckDBConnection,
  { daily: sql, policyTypes }: SessionStatements,
  names: Names,
): Promise<readonly DailySessions[]> {
  const daily: DailySessions[] = [];
  await eachRow(connection, sql, (cell) => {
    daily.push({
      domain: names.domain(cell(0)),
      day: names.day(cell(1)),
      policy_type: policyTypes[cell(2) as number] ?? '',
      successful: cell(3) as number,
      failed: cell(4) as number,
      unknown_entries: cell(5) as number,
      reporters: cell(6) as number,
    });
  });
  return daily;
}

async function readFailing(
  connection: DuckDBConnection,
  statements: SessionStatements,
  names: Names,
): Promise<readonly FailingReporterDay[]> {
  const details = new Map<string, FailureCount[]>();
  await eachRow(connection, statements.failures, (cell) => {
    const at = [cell(0), cell(1), cell(2), cell(3)].join();
    const counts = details.get(at) ?? [];
    counts.push({
      result_type: cell(4) as string,
      mx: cell(5) as string | null,
      sessions: cell(6) as number,
      reasons: JSON.parse((cell(7) as string | null) ?? '[]'),
    });
    details.set(at, counts);
  });
  const failing: FailingReporterDay[] = [];
  await eachRow(connection, statements.failing, (cell) => {
    failing.push({
      domain: names.domain(cell(0)),
      day: names.day(cell(1)),
      policy_type: cell(2) as string,
      reporter: names.reporter(cell(3)),
      organization_name: names.organization(cell(4)),
      successful: cell(5) as number | null,
      failed: cell(6) as number,
      details: details.get([cell(0), cell(1), cell(2), cell(3)].join()) ?? [],
      report_sha256: JSON.parse(cell(7) as string),
    });
  });
  return failing;
}

async function readReporters(
  connection: DuckDBConnection,
  statements: SessionStatements,
  names: Names,
): Promise<readonly ReporterRecord[]> {
  const totals = new Map<string, ReporterRecord['totals'][number][]>();
  await eachRow(connection, statements.totals, (cell) => {
    const at = [cell(0), cell(1)].join();
    const counts = totals.get(at) ?? [];
    counts.push({ policy_type: cell(2) as string, successful: cell(3) as number, failed: cell(4) as number });
    totals.set(at, counts);
  });
  const volumes = new Map<string, readonly number[]>();
  await eachRow(connection, statements.volumes, (cell) => {
    volumes.set([cell(0), cell(1)].join(), JSON.parse(cell(2) as string) as readonly number[]);
  });
  const applied = new Map<string, readonly (readonly [string, string, string, string, string])[]>();
  await eachRow(connection, statements.applied, (cell) => {
    applied.set([cell(0), cell(1)].join(), JSON.parse(cell(2) as string));
  });
  const policies = new Map(
    [...(await texts(connection, statements.policies))].map(([digest, text]) => [
      digest,
      JSON.parse(text) as readonly string[],
    ]),
  );
  const reporters: ReporterRecord[] = [];
  await eachRow(connection, statements.reporters, (cell) => {
    const bits = cell(2) as number;
    const policy = cell(5) as string | null;
    reporters.push({
      domain: names.domain(cell(0)),
      reporter: names.reporter(cell(1)),
      organization_name: names.organization(cell(4)),
      days: DAYS_OF_MONTH.filter((day) => (bits & (1 << (day - 1))) !== 0).map(names.day),
      volumes: volumes.get([cell(0), cell(1)].join()) ?? [],
      last_received_at: cell(3) as Instant,
      totals: totals.get([cell(0), cell(1)].join()) ?? [],
      policy_string: policy === null ? null : (policies.get(policy) ?? null),
      policy_string_day: policy === null ? null : names.day(cell(6)),
      policies: (applied.get([cell(0), cell(1)].join()) ?? []).map(([digest, first, last, successful, failed]) => ({
        policy_string: policies.get(digest) ?? [],
        first_day: names.day(Number(first)),
        last_day: names.day(Number(last)),
        successful: Number(successful),
        failed: Number(failed),
      })),
    });
  });
  return reporters;
}

async function readApart(
  connection: DuckDBConnection,
  { apart: sql }: SessionStatements,
  names: Names,
): Promise<readonly ReportsApart[]> {
  const apart: ReportsApart[] = [];
  await eachRow(connection, sql, (cell) => {
    apart.push({
      domain: cell(0) === null ? null : names.domain(cell(0)),
      reason: cell(1) as ReportsApart['reason'],
      reports: cell(2) as number,
      last_received_at: cell(3) as Instant,
    });
  });
  return apart;
}

async function readSubdomains(
  connection: DuckDBConnection,
  { subdomains: sql }: SessionStatements,
): Promise<readonly ReportedSubdomain[]> {
  const subdomains: ReportedSubdomain[] = [];
  await eachRow(connection, sql, (cell) => {
    subdomains.push({
      name: cell(0) as string,
      reports: cell(1) as number,
      first_day: cell(2) as Day,
      last_day: cell(3) as Day,
      sessions: cell(4) as number,
      has_policy: cell(5) as boolean,
    });
  });
  return subdomains;
}
