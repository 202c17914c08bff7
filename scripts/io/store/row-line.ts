import type { FailureDetailRow, ReportRow } from '../../core/reports/rows.ts';
import { jsonShape, REPORT_COLUMNS } from './report-columns.ts';

/*
 * A row on its way into DuckDB is one line of text: a call for each of its thirty cells would take longer than reading the
 * report did, and DuckDB takes the lines apart in its own threads. U+001C ends a line, U+001F a cell, U+001D is a null;
 * where a text itself holds one of these controls, U+001E stands before a letter for it.
 */
const LINE = '\x1c';
const NULL = '\x1d';
const ESCAPE = '\x1e';
const SEPARATOR = '\x1f';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x1c-\x1f]/;

/** The row as a line. Joined, not added up: a text that is added up keeps all its pieces until somebody reads it. */
export function rowLine(row: ReportRow): string {
  const cells: string[] = [];
  for (const { name } of REPORT_COLUMNS) cells.push(cellText(row[name]));
  return cells.join(SEPARATOR);
}

/** Many lines as one text: one message to a thread and one value for DuckDB, however many there are. */
export interface JoinedLines {
  readonly text: string;
  readonly rows: number;
}

export function joinLines(lines: readonly string[]): JoinedLines {
  return { text: lines.join(LINE), rows: lines.length };
}

function cellText(value: ReportRow[keyof ReportRow]): string {
  if (value === null) return NULL;
  if (typeof value === 'string') return CONTROL.test(value) ? escaped(value) : value;
  return typeof value === 'object' ? jsonText(value) : String(value);
}

function escaped(text: string): string {
  return text
    .replaceAll(ESCAPE, `${ESCAPE}e`)
    .replaceAll(SEPARATOR, `${ESCAPE}s`)
    .replaceAll(NULL, `${ESCAPE}n`)
    .replaceAll(LINE, `${ESCAPE}l`);
}

/** JSON escapes controls itself. It also escapes half a surrogate pair, which DuckDB does not read: it becomes U+FFFD. */
function jsonText(value: readonly (string | FailureDetailRow)[]): string {
  if (value.length === 0) return '[]';
  const text = JSON.stringify(value);
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(JSON.parse(text), (_, part) => wellFormed(part)) : text;
}

function wellFormed(part: unknown): unknown {
  return typeof part === 'string' ? part.toWellFormed() : part;
}

/** The rows of a table of joined lines (column `lines`) with the types of the file. */
export function rowsOfLinesSql(table: string): string {
  const cells = REPORT_COLUMNS.map((column, index) => {
    const cell = `nullif(cells[${index + 1}], chr(29))`;
    const shape = jsonShape(column);
    if (shape !== null) return `from_json(${cell}, '${shape}') AS ${column.name}`;
    if (column.type !== 'VARCHAR') return `${cell}::${column.type} AS ${column.name}`;
    return `CASE WHEN escaped THEN ${unescapedSql(cell)} ELSE ${cell} END AS ${column.name}`;
  });
  return `SELECT ${cells.join(', ')}
    FROM (SELECT string_split(line, chr(31)) AS cells, contains(line, chr(30)) AS escaped
      FROM (SELECT unnest(string_split(lines, chr(28))) AS line FROM ${table}))`;
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
