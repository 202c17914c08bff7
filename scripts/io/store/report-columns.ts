import type { FailureDetailRow, ReportRow } from '../../core/reports/rows.ts';

export interface ReportColumn {
  readonly name: keyof ReportRow;
  /** DuckDB's type of the column in the Parquet file. */
  readonly type: string;
}

const DETAIL_TYPES: Readonly<Record<keyof FailureDetailRow, 'VARCHAR' | 'BIGINT'>> = {
  result_type: 'VARCHAR',
  result_type_raw: 'VARCHAR',
  failed_sessions: 'BIGINT',
  sending_mta_ip: 'VARCHAR',
  receiving_ip: 'VARCHAR',
  receiving_mx_hostname: 'VARCHAR',
  receiving_mx_helo: 'VARCHAR',
  additional_information: 'VARCHAR',
  failure_reason_code: 'VARCHAR',
};

const DETAIL_STRUCT = `STRUCT(${Object.entries(DETAIL_TYPES)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')})[]`;

/** Typed by ReportRow, so that a column cannot be forgotten; the order is the order of the file. */
const TYPES: Readonly<Record<keyof ReportRow, string>> = {
  schema_version: 'INTEGER',
  report_sha256: 'VARCHAR',
  source_sha256: 'VARCHAR',
  source_reports: 'INTEGER',
  report_key: 'VARCHAR',
  received_at: 'TIMESTAMP WITH TIME ZONE',
  received_order: 'INTEGER',
  provenance: 'VARCHAR',
  dkim: 'VARCHAR',
  dkim_domain: 'VARCHAR',
  dkim_selector: 'VARCHAR',
  dkim_key: 'VARCHAR',
  reporter: 'VARCHAR',
  organization_name: 'VARCHAR',
  contact_info: 'VARCHAR',
  report_id: 'VARCHAR',
  start_at: 'TIMESTAMP WITH TIME ZONE',
  end_at: 'TIMESTAMP WITH TIME ZONE',
  day: 'DATE',
  report_domain: 'VARCHAR',
  policy_index: 'INTEGER',
  policy_type: 'VARCHAR',
  policy_type_raw: 'VARCHAR',
  policy_domain: 'VARCHAR',
  policy_domain_from: 'VARCHAR',
  policy_string: 'VARCHAR[]',
  mx_host: 'VARCHAR[]',
  successful_sessions: 'BIGINT',
  failed_sessions: 'BIGINT',
  failed_derived: 'BOOLEAN',
  failure_details: DETAIL_STRUCT,
  warnings: 'VARCHAR[]',
  extra: 'VARCHAR',
  strict: 'BOOLEAN',
};

/** The schema version that files are written with now, and the columns that came after version 1, with theirs. */
export const REPORTS_VERSION = 2;
export const ADDED_COLUMNS: Readonly<Partial<Record<keyof ReportRow, number>>> = { strict: 2 };

export const REPORT_COLUMNS: readonly ReportColumn[] = (Object.keys(TYPES) as (keyof ReportRow)[]).map((name) => ({
  name,
  type: TYPES[name],
}));

/** The shape of a list column for DuckDB's from_json; null for any other column. */
export function jsonShape({ type }: ReportColumn): string | null {
  if (type === DETAIL_STRUCT) return JSON.stringify([DETAIL_TYPES]);
  return type === 'VARCHAR[]' ? '["VARCHAR"]' : null;
}

/**
 * Neighbours of one domain and day compress and scan well together; the others tell any two rows apart, so that the same
 * rows always make the same bytes.
 */
export const FILE_ORDER = 'policy_domain, day, received_order, policy_index, report_sha256, source_sha256';
