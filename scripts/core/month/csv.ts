/** A cell: text, a number, or null for what is not known, which is an empty cell. */
export type Cell = string | number | null;

/** First characters that make a spreadsheet read a cell as a formula, or a tab or line end before one. */
const FORMULA = /^[=+\-@\t\r\n]/;
/** A number of ours is not a formula, though it may begin with a minus. */
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * A table as CSV with CRLF (RFC 4180 §2). Text that a spreadsheet would calculate gets an apostrophe in front: whoever can
 * send a report must not be able to run a formula on the reader's machine.
 */
export function csvText(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = line(columns);
  for (const row of rows) text += line(row);
  return text;
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const harmless = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
