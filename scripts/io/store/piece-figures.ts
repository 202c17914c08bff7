import type { DuckDBConnection } from '@duckdb/node-api';
import type { Day, Instant } from '../../core/clock.ts';
import type { PieceFigures, ReporterColumns } from '../../core/reports/piece-figures.ts';
import type { SessionStatements } from '../../core/reports/session-statements.ts';
import type {
  FailingReporterDay,
  FailureCount,
  ReportedSubdomain,
  ReporterWarning,
  ReportsApart,
} from '../../core/reports/view.ts';
import { CellFold } from './cell-fold.ts';
import { eachItem, eachRow } from './duckdb.ts';

/** Runs the statements of one piece; `domains` by index, `calendar` by day of the month. */
export async function pieceFigures(
  connection: DuckDBConnection,
  statements: SessionStatements,
  domains: readonly string[],
  calendar: readonly Day[],
): Promise<PieceFigures> {
  for (const table of statements.tables) await connection.run(table);
  const reporters = await texts(connection, statements.reporterNames);
  const organizations = await texts(connection, statements.organizationNames);
  const policies = await texts(connection, statements.policies);
  const names: Names = {
    domain: (index) => domains[index as number] ?? '',
    day: (dayOfMonth) => calendar[(dayOfMonth as number) - 1] as Day,
  };
  const rows = await readReporters(connection, statements);
  const fold = new CellFold(rows, domains.length);
  await eachItem(connection, statements.cells, (row, type, day, successful, failed) =>
    fold.add(row, type, day, successful, failed),
  );
  const { daily, ...sums } = fold.figures();
  const figures = {
    month: String(calendar[0]).slice(0, 7),
    policyTypes: statements.policyTypes,
    daily,
    failing: await readFailing(connection, statements, names),
    reporters: {
      texts: {
        reporters,
        organizations,
        policies: policies.map((text) => JSON.parse(text) as readonly string[]),
      },
      ...rows,
      ...sums,
      applied: await readApplied(connection, statements),
    },
    apart: await readApart(connection, statements, names),
    subdomains: await readSubdomains(connection, statements),
    warnings: await readWarnings(connection, statements),
  };
  await connection.run(statements.end);
  return figures;
}

/** What the numbers of a result stand for. */
interface Names {
  readonly domain: (index: unknown) => string;
  /** One text for a day, however many rows have it. */
  readonly day: (dayOfMonth: unknown) => Day;
}

async function texts(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  const found: string[] = [];
  await eachRow(connection, sql, (cell) => found.push(cell(0) as string));
  return found;
}

async function readReporters(
  connection: DuckDBConnection,
  { reporters: sql }: SessionStatements,
): Promise<Omit<ReporterColumns, 'texts' | 'days' | 'volumes' | 'totals' | 'applied'>> {
  const [domain, reporter, lastReceived]: [number[], number[], number[]] = [[], [], []];
  const [organization, policy, policyDay]: [number[], number[], number[]] = [[], [], []];
  await eachRow(connection, sql, (cell) => {
    domain.push(cell(0) as number);
    reporter.push(cell(1) as number);
    lastReceived.push(Math.floor(cell(2) as number));
    organization.push(cell(3) as number);
    policy.push(cell(4) as number);
    policyDay.push(cell(5) as number);
  });
  return {
    domain: Int32Array.from(domain),
    reporter: Int32Array.from(reporter),
    lastReceived: Float64Array.from(lastReceived),
    organization: Int32Array.from(organization),
    policy: Int32Array.from(policy),
    policyDay: Uint8Array.from(policyDay),
  };
}

async function readApplied(
  connection: DuckDBConnection,
  { applied: sql }: SessionStatements,
): Promise<ReporterColumns['applied']> {
  const [row, policy, first]: [number[], number[], number[]] = [[], [], []];
  const [last, successful, failed]: [number[], number[], number[]] = [[], [], []];
  await eachRow(connection, sql, (cell) => {
    row.push(cell(0) as number);
    policy.push(cell(1) as number);
    first.push(cell(2) as number);
    last.push(cell(3) as number);
    successful.push(cell(4) as number);
    failed.push(cell(5) as number);
  });
  return {
    row: Int32Array.from(row),
    policy: Int32Array.from(policy),
    first: Uint8Array.from(first),
    last: Uint8Array.from(last),
    successful: Float64Array.from(successful),
    failed: Float64Array.from(failed),
  };
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
      reporter: cell(3) as string,
      organization_name: cell(4) as string | null,
      successful: cell(5) as number | null,
      failed: cell(6) as number,
      details: details.get([cell(0), cell(1), cell(2), cell(3)].join()) ?? [],
      report_sha256: JSON.parse(cell(7) as string),
    });
  });
  return failing;
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

async function readWarnings(
  connection: DuckDBConnection,
  { warnings: sql }: SessionStatements,
): Promise<readonly ReporterWarning[]> {
  const warnings: ReporterWarning[] = [];
  await eachRow(connection, sql, (cell) => {
    warnings.push({ reporter: cell(0) as string, warning: cell(1) as string, reports: cell(2) as number });
  });
  return warnings;
}
