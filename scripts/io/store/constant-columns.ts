import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReportRow } from '../../core/reports/rows.ts';
import { quoted } from './duckdb.ts';
import { jsonShape, REPORT_COLUMNS, type ReportColumn } from './report-columns.ts';

/** Said by us, in words of ours: safe to write into SQL. */
const OURS: readonly (keyof ReportRow)[] = [
  'schema_version',
  'source_reports',
  'received_at',
  'provenance',
  'dkim',
  'policy_type',
  'policy_domain_from',
  'failed_derived',
  'strict',
];
/** Of what strangers say, only that nobody says anything. */
const STRANGERS: readonly (keyof ReportRow)[] = [
  'dkim_domain',
  'dkim_selector',
  'dkim_key',
  'report_domain',
  'policy_type_raw',
  'policy_string',
  'mx_host',
  'failure_details',
  'warnings',
  'extra',
];

/**
 * The columns of which all rows of a table hold the same, as SQL for the column: much is said once for a whole run, and
 * every column that is left out while rows are sorted makes that faster.
 */
export async function constantColumns(
  connection: DuckDBConnection,
  table: string,
): Promise<ReadonlyMap<keyof ReportRow, string>> {
  const asked = REPORT_COLUMNS.filter(({ name }) => OURS.includes(name) || STRANGERS.includes(name));
  const found = await connection.runAndReadAll(`SELECT ${asked.map(valueSql).join(', ')} FROM ${table}`);
  const [values = []] = found.getRows();
  return new Map(
    asked.flatMap(({ name, type }, index) => {
      const value = values[index];
      if (typeof value !== 'string') return [];
      return [[name, `${value === NOTHING ? 'NULL' : quoted(value)}::${type} AS ${name}`] as const];
    }),
  );
}

/** No value of ours. */
const NOTHING = '';

/** The one value as text; null when there are several, or none that may be told. */
function valueSql(column: ReportColumn): string {
  const { name } = column;
  const nothing = `WHEN count(${name}) = 0 THEN '${NOTHING}'`;
  if (OURS.includes(name)) {
    return `CASE ${nothing} WHEN count(${name}) = count(*) AND min(${name}) = max(${name}) THEN min(${name})::VARCHAR END`;
  }
  if (jsonShape(column) === null) return `CASE ${nothing} END`;
  return `CASE ${nothing} WHEN count(${name}) = count(*) AND max(len(${name})) = 0 THEN '[]' END`;
}
