import type { Day, Instant } from '#scripts/core/clock.ts';
import { parseDay, parseInstant } from '#scripts/core/clock.ts';
import type { FailureDetailRow, ReportRow } from '#scripts/core/reports/rows.ts';
import { openDatabase } from '#scripts/io/store/duckdb.ts';
import { ReportWriter } from '#scripts/io/store/report-writer.ts';
import { rowLine } from '#scripts/io/store/row-line.ts';

/** Stores rows as one ingest would. */
export async function storeRows(dataDir: string, rows: readonly ReportRow[]): Promise<void> {
  const database = await openDatabase();
  try {
    const writer = new ReportWriter(database, dataDir);
    await writer.add(rows.map(rowLine));
    await writer.flush();
  } finally {
    database.close();
  }
}

/** A believed report of r.example on example.com, one `sts` entry, ten good sessions; `changes` say what is different. */
export function row(changes: Partial<ReportRow> & { readonly id?: string } = {}): ReportRow {
  const { id = 'r1', ...fields } = changes;
  const day = fields.day ?? dayOf('2026-11-18');
  return {
    schema_version: 2,
    report_sha256: `${id}-report`,
    source_sha256: `${id}-source`,
    source_reports: 1,
    report_key: `${id}-key`,
    received_at: instantOf('2026-11-19T03:00:00Z'),
    received_order: 1,
    provenance: 'mail',
    dkim: 'pass',
    dkim_domain: 'r.example',
    dkim_selector: 's1',
    dkim_key: 'v=DKIM1; p=AAAA',
    reporter: 'r.example',
    organization_name: 'R Example',
    contact_info: 'tls@r.example',
    report_id: id,
    start_at: instantOf(`${day}T00:00:00Z`),
    end_at: instantOf(`${day}T23:59:59Z`),
    day,
    report_domain: 'example.com',
    policy_index: 0,
    policy_type: 'sts',
    policy_type_raw: null,
    policy_domain: 'example.com',
    policy_domain_from: 'report',
    policy_string: null,
    mx_host: null,
    successful_sessions: 10,
    failed_sessions: 0,
    failed_derived: false,
    failure_details: [],
    warnings: [],
    extra: null,
    strict: true,
    ...fields,
  };
}

export function detailRow(result_type: string, changes: Partial<FailureDetailRow> = {}): FailureDetailRow {
  return {
    result_type,
    result_type_raw: null,
    failed_sessions: 1,
    sending_mta_ip: null,
    receiving_ip: null,
    receiving_mx_hostname: 'mx1.example.com',
    receiving_mx_helo: null,
    additional_information: null,
    failure_reason_code: null,
    ...changes,
  };
}

export function instantOf(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === null) throw new Error(`${text} is no instant`);
  return instant;
}

export function dayOf(text: string): Day {
  const day = parseDay(text);
  if (day === null) throw new Error(`${text} is no day`);
  return day;
}
