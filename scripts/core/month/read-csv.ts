/** A row by the names of its columns; an empty cell is empty text. */
export type CsvRow = Readonly<Record<string, string>>;

/** Reads what csvText (csv.ts) wrote: RFC 4180, a head line, and apostrophes that keep a spreadsheet from calculating. */
export function readCsv(text: string): readonly CsvRow[] {
  const [columns, ...rows] = cellsOf(text);
  if (columns === undefined) return [];
  return rows.map((cells) => Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])));
}

const CELL = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y;

function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const found = CELL.exec(text);
    // A quote that is not closed: what follows it is no table.
    if (found === null) break;
    const [, quoted, plain = '', end] = found;
    row.push(harmed(quoted?.replaceAll('""', '"') ?? plain));
    if (end !== ',') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

function harmed(cell: string): string {
  return /^'[=+\-@\t\r\n]/.test(cell) ? cell.slice(1) : cell;
}
