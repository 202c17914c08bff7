import type { FailureDetailRow, ReportRow } from '../../core/reports/rows.ts';
import { jsonShape, REPORT_COLUMNS } from './report-columns.ts';

/*
 * A row on its way into DuckDB is one line of text: a call for each of its thirty cells would take longer than reading the
 * report did, and DuckDB takes the lines apart in its own threads. Its first cell is the month of its day. U+001C ends a
 * line, U+001F a cell, U+001D is a null; where a text itself holds one of these controls, U+001E stands before a letter for it.
 */
const LINE = '\x1c';
const NULL = '\x1d';
const ESCAPE = '\x1e';
const SEPARATOR = '\x1f';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x1c-\x1f]/;

/** `2026-11`. */
const MONTH_LENGTH = 7;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The row as a line, cells behind the month in the order of REPORT_COLUMNS: by name, one by one, because to go through a list
 * of names takes twice as long. Joined, not added up: a text that is added up keeps all its pieces until somebody reads it. Cells that are
 * words, digests and moments of ours hold no controls.
 */
export function rowLine(row: ReportRow): string {
  return [
    row.day.slice(0, MONTH_LENGTH),
    row.schema_version,
    row.report_sha256,
    row.source_sha256,
    row.source_reports,
    row.report_key,
    row.received_at,
    row.received_order,
    row.provenance,
    row.dkim,
    textCell(row.dkim_domain),
    textCell(row.dkim_selector),
    textCell(row.dkim_key),
    textCell(row.reporter),
    textCell(row.organization_name),
    textCell(row.contact_info),
    textCell(row.report_id),
    row.start_at,
    row.end_at,
    row.day,
    textCell(row.report_domain),
    row.policy_index ?? NULL,
    row.policy_type ?? NULL,
    textCell(row.policy_type_raw),
    textCell(row.policy_domain),
    row.policy_domain_from ?? NULL,
    jsonCell(row.policy_string),
    jsonCell(row.mx_host),
    row.successful_sessions ?? NULL,
    row.failed_sessions ?? NULL,
    row.failed_derived,
    jsonCell(row.failure_details),
    jsonCell(row.warnings),
    textCell(row.extra),
    row.strict ?? NULL,
  ].join(SEPARATOR);
}

/** The month whose file a line belongs in. */
export function monthOfLine(line: string): string {
  return line.slice(0, MONTH_LENGTH);
}

/** Many lines as one text in UTF-8: bytes go to another thread without a copy. */
export function joinLines(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(lines.join(LINE));
}

export function splitLines(joined: Uint8Array<ArrayBuffer>): readonly string[] {
  return joined.length === 0 ? [] : decoder.decode(joined).split(LINE);
}

function textCell(text: string | null): string {
  if (text === null) return NULL;
  return CONTROL.test(text) ? escaped(text) : text;
}

function escaped(text: string): string {
  return text
    .replaceAll(ESCAPE, `${ESCAPE}e`)
    .replaceAll(SEPARATOR, `${ESCAPE}s`)
    .replaceAll(NULL, `${ESCAPE}n`)
    .replaceAll(LINE, `${ESCAPE}l`);
}

/** JSON escapes controls itself. It also escapes half a surrogate pair, which DuckDB does not read: it becomes U+FFFD. */
function jsonCell(value: readonly (string | FailureDetailRow)[] | null): string {
  if (value === null) return NULL;
  if (value.length === 0) return '[]';
  const text = JSON.stringify(value);
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(JSON.parse(text), (_, part) => wellFormed(part)) : text;
}

function wellFormed(part: unknown): unknown {
  return typeof part === 'string' ? part.toWellFormed() : part;
}

/** The rows of a table of lines (column `line`) with the types of the file. */
export function rowsOfLinesSql(table: string): string {
  const cells = REPORT_COLUMNS.map((column, index) => {
    const cell = `nullif(cells[${index + 2}], chr(29))`;
    const shape = jsonShape(column);
    if (shape !== null) return `from_json(${cell}, '${shape}') AS ${column.name}`;
    if (column.type !== 'VARCHAR') return `${cell}::${column.type} AS ${column.name}`;
    return `CASE WHEN escaped THEN ${unescapedSql(cell)} ELSE ${cell} END AS ${column.name}`;
  });
  return `SELECT ${cells.join(', ')}
    FROM (SELECT string_split(line, chr(31)) AS cells, contains(line, chr(30)) AS escaped FROM ${table})`;
}

function unescapedSql(cell: string): string {
  const letters = [
    ['l', 28],
    ['n', 29],
    ['s', 31],
    ['e', 30],
  ];
  return letters.reduce<string>(
    (text, [letter, code]) => `replace(${text}, chr(30) || '${letter}', chr(${code}))`,
    cell,
  );
}
